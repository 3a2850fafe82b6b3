// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker agents get`: one agent with its labels and facts.
struct AgentsGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show an agent with its labels and facts.",
        usage: "broker agents get <hostname> [<options>]",
        discussion: """
            Also until when its certificate is good, and since when, by whom and why it was drained. Upper and lower \
            case are the same, as in targets.

            EXAMPLES
              broker agents get web-1
            """
    )

    @Argument(help: "The name of the agent's host.")
    var hostname: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            let agent = try await client.agent(hostname)
            console.write(try presenter.text(one: agent, .agents) { $0.details.text(colours: presenter.colours) })
        }
    }
}
