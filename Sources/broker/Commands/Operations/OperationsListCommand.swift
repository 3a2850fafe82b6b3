// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine

/// `broker operations list`: the catalogue.
struct OperationsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List operations.",
        usage: "broker operations list [<options>]"
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            let operations = try await client.operations()
            console.write(try output.presenter(console).text(operations, .operations))
            if operations.isEmpty { console.say("no operations") }
        }
    }
}
