// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine

/// `broker agents join-token revoke`: a token of no more use.
struct JoinTokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Make a token of no more use; agents that it has made stay.",
        usage: "broker agents join-token revoke <id> [<options>]"
    )

    @Argument(help: "The token's id, as the list shows it.")
    var id: String

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            try await client.revokeJoinToken(id)
            console.write("\(id) revoked\n")
        }
    }
}
