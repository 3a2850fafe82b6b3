// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import JobKeys
import Signing

/// `broker-controller job-keys`: what jobs are signed with.
struct JobKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job-keys",
        abstract: "Shows, hands out and changes the keys that sign jobs.",
        discussion: """
            Agents run only what one of these keys has signed. They are given the public halves as the file job-keys \
            beside the authority's certificate; later changes they learn over their link, from keys that they trust \
            already.

            To change keys: job-keys rotate, restart the controller, and once all agents have been connected, job-keys \
            retire the old one and restart the controller again. Jobs go on meanwhile.
            """,
        subcommands: [Export.self, List.self, Rotate.self, Retire.self]
    )

    /// Where the keys are.
    struct StateOption: ParsableArguments {
        @Option(
            name: .customLong("state-dir"),
            help: ArgumentHelp("The controller's state directory.", valueName: "dir")
        )
        var directory = "/var/lib/broker-controller"

        var keys: JobKeyDirectory { JobKeyDirectory(stateDirectory: directory) }
    }

    /// `broker-controller job-keys export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the public keys for agents; makes the first key if there is none."
        )

        @OptionGroup var state: StateOption

        @Option(help: ArgumentHelp("The file to write in place of printing.", valueName: "path"))
        var out: String?

        func run() async throws {
            let text = try reporting("job keys cannot be read") { try state.keys.openOrCreate().current.text }
            guard let out else { return print(text, terminator: "") }
            do {
                try Data(text.utf8).write(to: URL(filePath: out), options: .atomic)
                // Whatever the umask is: agents use no file that others can write.
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: out)
            } catch {
                throw Failure("\(out): cannot be written")
            }
            print(out)
        }
    }

    /// `broker-controller job-keys list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the keys; the last one signs.")

        @OptionGroup var state: StateOption

        func run() async throws {
            let signer = try reporting("job keys cannot be read") { try state.keys.open() }
            guard let current = signer?.current else { return print("there are no job keys yet") }
            print("version \(current.version)")
            for key in current.keys { print(key.id + (key == current.keys.last ? " signs" : " is trusted")) }
        }
    }

    /// `broker-controller job-keys rotate`.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a new key, which signs from the controller's next start on."
        )

        @OptionGroup var state: StateOption

        func run() async throws {
            let next = try reporting("no job key was made") { try state.keys.rotate() }
            print(next.keys.last?.id ?? "")
        }
    }

    /// `broker-controller job-keys retire ID`.
    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes a key; agents drop it when they connect to the controller after its next start."
        )

        @OptionGroup var state: StateOption

        @Argument(help: "The id of the key.")
        var id: String

        func run() async throws {
            let next = try reporting("the job key was not retired") { try state.keys.retire(id) }
            print("version \(next.version)")
        }
    }
}
