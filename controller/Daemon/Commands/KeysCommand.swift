// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker-controller keys`: who may use the HTTP API.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes keys for the HTTP API.",
        subcommands: [Add.self]
    )

    /// `broker-controller keys add NAME`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a key and prints its secret, which is shown only now.",
            discussion: "The controller reads the file when it starts."
        )

        @Argument(help: "Who uses the key; shown as submitted_by.")
        var name: String

        @Option(help: ArgumentHelp("The file of keys.", valueName: "path"))
        var file = "/etc/broker/api-keys"

        func run() async throws {
            print(try KeysFile(path: file).add(name: name))
        }
    }
}
