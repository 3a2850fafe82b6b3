// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Settings

/// `broker-agent run`: runs the agent until it is told to stop.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the agent.",
        discussion: """
            Settings come from the flags, then from the environment, then from the file. A setting state_dir is \
            BROKER_AGENT_STATE_DIR in the environment. SIGTERM or Ctrl-C stops the agent cleanly: what runs may go on \
            for a while, and what is known is reported.

            SETTINGS:

            """ + Settings.help(AgentSettings.known)
    )

    @Option(help: ArgumentHelp("File of settings, YAML or JSON.", valueName: "path"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting, for example hostname=web-1.", valueName: "name=value")
    )
    var settings: [String] = []

    func run() async throws {
        do {
            let read = try AgentProgram.settings(file: config, flags: settings)
            try await AgentAssembly(settings: AgentSettings(read)).run()
        } catch {
            throw Failure("the agent cannot run", error)
        }
    }
}
