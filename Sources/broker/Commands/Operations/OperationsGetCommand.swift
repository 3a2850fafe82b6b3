// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker operations get`: one operation with its parameters.
struct OperationsGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show an operation with its parameters.",
        usage: "broker operations get <type> [<options>]",
        discussion: """
            With -o json, the JSON Schema of its parameters is in 'schema'.
            'broker operations describe' is another name of this command.

            EXAMPLES
              broker operations get command.exec -o json
            """,
        aliases: ["describe"]
    )

    @Argument(help: "The name of the operation.")
    var type: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            let operations = try await client.operations()
            guard let operation = operations.first(where: { $0.type == type }) else {
                let known = operations.map(\.type).joined(separator: ", ")
                console.say("broker: no operation '\(type)'; there are \(known)")
                throw Ending(status: .refused)
            }
            let text = try presenter.text(one: operation, .operations) { $0.report(presenter) }
            console.write(text)
        }
    }
}
