// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker agents join-token`: what hosts are given to become agents.
struct JoinTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join-token",
        abstract: "Make, list and revoke tokens with which hosts become agents.",
        subcommands: [JoinTokenCreateCommand.self, JoinTokenListCommand.self, JoinTokenRevokeCommand.self]
    )
}
