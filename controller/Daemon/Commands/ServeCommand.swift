// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Settings

/// `broker-controller serve`: runs the controller until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the controller.",
        discussion: """
            Settings come from the flags, then from the environment, then from the file. A setting http.listen is \
            BROKER_CONTROLLER_HTTP_LISTEN in the environment. SIGTERM or Ctrl-C stops the controller cleanly.

            SETTINGS:

            """
                + Settings.help(ControllerSettings.known)
    )

    @Option(help: ArgumentHelp("File of settings, YAML or JSON.", valueName: "path"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting, for example http.listen=:8443.", valueName: "name=value")
    )
    var settings: [String] = []

    func run() async throws {
        do {
            let read = try Settings(
                file: config,
                environment: ProcessInfo.processInfo.environment,
                prefix: "broker.controller",
                flags: try Settings.flags(settings, known: ControllerSettings.known),
                known: ControllerSettings.known
            )
            try await Controller(settings: ControllerSettings(read)).run()
        } catch {
            throw Failure("the controller cannot run", error)
        }
    }
}
