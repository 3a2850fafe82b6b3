// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Jobs

/// `broker-controller keys`: keys of the HTTP API, made on the controller's host.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes the first key of the HTTP API.",
        discussion: "While the controller runs, 'broker keys' makes, lists and revokes keys.",
        subcommands: [Create.self, Import.self]
    )

    /// `broker-controller keys create NAME`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key that may do everything, and prints its secret, which is shown only now.",
            discussion: "The controller must not be running."
        )

        @Argument(help: "Who uses the key; shown as created_by.")
        var name: String

        @OptionGroup var database: DatabaseOption

        func run() async throws {
            print(try await LocalKeys(directory: database.directory).create(name: name, now: .now()))
        }
    }

    /// `broker-controller keys import FILE`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes keys over from the file that http.keys named in older versions; their secrets go on.",
            discussion: "The controller must not be running. The file is not needed afterwards."
        )

        @Argument(help: "The file.")
        var file: String

        @OptionGroup var database: DatabaseOption

        func run() async throws {
            for name in try await LocalKeys(directory: database.directory).importKeys(from: file, now: .now()) {
                print(name)
            }
        }
    }
}

extension Timestamp {
    /// The time by this machine's clock.
    fileprivate static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
