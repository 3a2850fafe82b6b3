// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine

/// The root of all commands.
struct Broker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Run one operation on many hosts at once, and see what happened on each.",
        discussion: """
            SETTINGS
            The controller's URL and the API key come from flags (--url, --key,
            --ca-file), then from the environment (BROKER_URL, BROKER_API_KEY,
            BROKER_CA_FILE), then from ~/.config/broker/config.yaml (url, key, ca_file).

            These options, and -o, may also come before the command.

            \(ProgramExit.help)
            """,
        version: "broker \(ProgramVersion.text)",
        subcommands: [
            ExecCommand.self, ShellCommand.self, RunCommand.self, JobsCommand.self, AgentsCommand.self,
            OperationsCommand.self, TargetsCommand.self, KeysCommand.self, WebhooksCommand.self, AuditCommand.self,
            ObjectsCommand.self, StatusCommand.self, VersionCommand.self,
        ]
    )

    /// The options of ``OutputOptions`` and ``ConnectionOptions``, each of which takes a value.
    static let commonOptions: Set<String> = [
        "-o", "--output", "--color", "--url", "--key", "--ca-file", "--config",
    ]

    /// All commands by name.
    static var tree: CommandTree { tree(of: self) }

    private static func tree(of command: any ParsableCommand.Type) -> CommandTree {
        let configuration = command.configuration
        return CommandTree(
            configuration.commandName ?? "",
            aliases: configuration.aliases,
            configuration.subcommands.map(tree(of:))
        )
    }
}
