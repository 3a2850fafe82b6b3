// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker agents`: the hosts that the controller knows.
struct AgentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents",
        abstract: "List and show agents.",
        subcommands: [AgentsListCommand.self, AgentsGetCommand.self]
    )
}
