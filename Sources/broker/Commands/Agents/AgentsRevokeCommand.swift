// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine

/// `broker agents revoke`: an agent is none any more.
struct AgentsRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Cut an agent off at once, and refuse its certificate and its keys from now on.",
        usage: "broker agents revoke <host> [<options>]",
        discussion: """
            What it had of jobs becomes lost. To be an agent again, the host joins with a new key.

            EXAMPLES
              broker agents revoke web-1
            """
    )

    @Argument(help: "The name of the agent's host, or the agent's id.")
    var host: String

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            try await client.revokeAgent(host)
            console.write("\(host) revoked\n")
        }
    }
}
