// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program `broker-controller`.
@main
struct ControllerProgram: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "broker-controller",
        abstract: "Takes jobs over HTTP, delivers them to agents, and keeps the record.",
        version: version,
        subcommands: [
            InitCommand.self, ServeCommand.self, KeysCommand.self, CertificatesCommand.self, JobKeysCommand.self,
            AuthorityCommand.self,
            CheckCommand.self,
            BackupCommand.self,
        ],
        defaultSubcommand: ServeCommand.self
    )
}
