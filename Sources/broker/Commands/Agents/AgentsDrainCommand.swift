// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker agents drain`: no new work for an agent.
struct AgentsDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let an agent finish what it holds and take nothing new.",
        usage: "broker agents drain <hostname> [<options>]",
        discussion: """
            It lasts until 'broker agents resume', across restarts of the agent and of the controller. Jobs for the \
            host wait until their deadline. The command waits for nothing.

            EXAMPLES
              broker agents drain web-1 --reason 'new disks'
            """
    )

    @Argument(help: "The name of the agent's host.")
    var hostname: String

    @Option(help: "Why; shown with the agent.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        try await connection.withClient(console) { client in
            let agent = try await client.drain(hostname, reason: reason)
            console.write(try presenter.text(one: agent, .agents) { "\($0.hostname) drained\n" })
        }
    }
}
