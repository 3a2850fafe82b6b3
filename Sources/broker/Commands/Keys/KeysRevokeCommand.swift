// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker keys revoke`: a key that is let in no more.
struct KeysRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a key: it is let in no more, at once and for ever.",
        usage: "broker keys revoke <id or name> [<options>]",
        discussion: """
            Its name is free again.

            EXAMPLES
              broker keys revoke ci
            """
    )

    @Argument(help: "The id of the key (the beginning of its secret), or its name.")
    var key: String

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        try await connection.withClient(console) { client in
            // At most one key of a name is not revoked.
            let named = try await client.keys(name: key, limit: 500).items.first { $0.revokedAt == nil }
            let id = named?.id ?? key
            try await client.revokeKey(id)
            if !quiet { console.say("revoked key \(id)") }
        }
    }
}
