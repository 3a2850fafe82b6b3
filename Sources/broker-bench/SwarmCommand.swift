// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Authority
import FoundationEssentials
import Jobs
import Logging
import NIOPosix
import ServiceLifecycle
import Settings
import UnixSignals

/// `broker-bench swarm`: many simulated agents in one process.
struct SwarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swarm",
        abstract: "Runs simulated agents in this process until it is stopped.",
        discussion: """
            Each agent has its own certificate, its own tunnel and its own nng socket, and speaks the real protocol. Only \
            its host is made up: it executes nothing, and keeps nothing on a disk. It needs three file descriptors an \
            agent; raise the limit with ulimit -n.
            """
    )

    @Option(help: ArgumentHelp("The controller's address for agents.", valueName: "host:port"))
    var controller: String

    @Option(help: ArgumentHelp("Directory of the authority that issues the agents' certificates.", valueName: "dir"))
    var authority: String

    @Option(help: "How many agents.")
    var agents = 200

    @Option(help: "What hostnames begin with; a number follows.")
    var prefix = "sim-"

    @Option(help: ArgumentHelp("How long each run takes, such as 0s or 500ms.", valueName: "duration"))
    var delay = "0s"

    @Option(help: ArgumentHelp("Of this many runs of an agent one fails; 0 for none.", valueName: "number"))
    var failEvery = 0

    func validate() throws {
        guard (1...50_000).contains(agents) else { throw ValidationError("--agents takes 1 to 50000") }
        guard NetworkAddress(controller) != nil else { throw ValidationError("--controller takes HOST:PORT") }
        guard Duration(humanText: delay) != nil else {
            throw ValidationError("--delay takes a duration, such as 500ms")
        }
        guard failEvery >= 0 else { throw ValidationError("--fail-every takes a number from 0") }
    }

    func run() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "broker-bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let swarm = try makeSwarm(directory: directory.path)
        var group = ServiceGroupConfiguration(
            services: [swarm],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: swarm.logger
        )
        group.maximumGracefulShutdownDuration = .seconds(20)
        group.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: group).run()
    }

    private func makeSwarm(directory: String) throws -> Swarm {
        guard let address = NetworkAddress(controller), let delay = Duration(humanText: delay) else {
            throw ValidationError("--controller and --delay must be valid")
        }
        let authority = try CertificateAuthority.load(directory: authority)
        var logger = Logger(label: "broker-bench", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = .error
        let failEvery = failEvery
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let agents = try (1...agents).map { number in
            try SimulatedAgent(
                hostname: "\(prefix)\(number)",
                controller: address,
                authority: authority,
                directory: directory,
                delay: delay,
                failEvery: failEvery,
                threads: threads,
                logger: logger
            )
        }
        return Swarm(agents: agents, logger: logger)
    }
}
