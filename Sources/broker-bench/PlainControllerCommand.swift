// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Logging

/// `broker-bench plain-controller`: what the other subcommands start for runs without the tunnel.
struct PlainControllerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plain-controller",
        abstract: "Serves simulated agents of this machine without TLS, until it is stopped.",
        shouldDisplay: false
    )

    @Option var directory: String
    @Option var httpPort = 0
    @Option var agentsPort = 0

    func run() async throws {
        OpenFiles.raiseLimit()
        var logger = Logger(label: "plain-controller", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = .warning
        try await PlainController(
            directory: directory,
            httpPort: httpPort,
            agentsPort: agentsPort,
            logger: logger
        ).run()
    }
}
