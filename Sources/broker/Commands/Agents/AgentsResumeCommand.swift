// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker agents resume`: new work for an agent again.
struct AgentsResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let an agent that was drained take new work again.",
        usage: "broker agents resume <hostname> [<options>]",
        discussion: """
            The command waits for nothing.

            EXAMPLES
              broker agents resume web-1
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
            let agent = try await client.resume(hostname)
            console.write(try presenter.text(one: agent, .agents) { "\($0.hostname) resumed\n" })
        }
    }
}
