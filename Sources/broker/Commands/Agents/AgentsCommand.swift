// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker agents`: the hosts that the controller knows.
struct AgentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents",
        abstract: "List, show, drain and resume agents; let hosts join, and revoke agents.",
        subcommands: [
            AgentsListCommand.self, AgentsGetCommand.self, AgentsDrainCommand.self, AgentsResumeCommand.self,
            JoinTokenCommand.self, AgentsEnrolmentsCommand.self, AgentsAcceptCommand.self, AgentsRejectCommand.self,
            AgentsRevokeCommand.self,
        ]
    )
}
