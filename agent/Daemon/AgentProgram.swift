// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Settings

/// The program `broker-agent`.
@main
struct AgentProgram: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "broker-agent",
        abstract: "Runs operations on this host for a broker controller, and reports what came of them.",
        version: version,
        subcommands: [RunCommand.self, JoinCommand.self, PolicyCommand.self, OperationCommand.self],
        defaultSubcommand: RunCommand.self
    )

    /// The settings of a file, of the environment, and of flags.
    ///
    /// - Throws: `SettingsError`.
    static func settings(file: String?, flags: [String]) throws -> Settings {
        try Settings(
            file: file,
            environment: ProcessInfo.processInfo.environment,
            prefix: "broker.agent",
            flags: try Settings.flags(flags, known: AgentSettings.known),
            known: AgentSettings.known
        )
    }
}
