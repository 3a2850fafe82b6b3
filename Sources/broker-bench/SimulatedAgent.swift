// SPDX-License-Identifier: Apache-2.0

import Authority
import FoundationEssentials
import Jobs
import Link
import Logging
import NIOPosix
import Runner
import Settings
import Synchronization
import Tunnel

/// One agent of a swarm: the real tunnel and the real link, before a host that is made up.
struct SimulatedAgent: Sendable {
    private let tunnel: DialTunnelService
    private let link: LinkService
    private let runner: SimulatedRunner<ContinuousClock>

    /// Makes an agent with a certificate of its own.
    ///
    /// The certificate and its key are written to `directory`. Each run takes `delay`, and of `failEvery` runs one
    /// fails, or none where it is 0.
    init(
        hostname: String,
        controller: NetworkAddress,
        authority: CertificateAuthority,
        directory: String,
        delay: Duration,
        failEvery: Int,
        threads: MultiThreadedEventLoopGroup,
        logger: Logger
    ) throws {
        let files = try authority.issueAgent(hostname: hostname, now: Date()).write(to: directory, name: hostname)
        let authorityFile = directory + "/ca.pem"
        if !FileManager.default.fileExists(atPath: authorityFile) {
            try Data(authority.certificatePEM.utf8).write(to: URL(filePath: authorityFile))
        }
        var configuration = DialTunnelService.Configuration(
            host: controller.host,
            port: controller.port,
            files: TLSFiles(
                certificateChain: files.certificate,
                privateKey: files.privateKey,
                authorities: authorityFile
            )
        )
        configuration.localAccess = .anyUser
        let tunnel = DialTunnelService(configuration: configuration, group: threads, logger: logger)
        self.tunnel = tunnel
        let count = Counter()
        runner = SimulatedRunner(ledgerID: UUID().uuidString, delay: delay) { _ in
            guard failEvery > 0, count.next() % failEvery == 0 else {
                return RunOutcome(state: .completed, changed: false, data: ["simulated": true])
            }
            return RunOutcome(
                state: .failed,
                changed: false,
                error: RunError(code: "simulated", message: "it was its turn to fail")
            )
        }
        link = LinkService(
            configuration: LinkConfiguration(hostname: hostname, labels: ["swarm": "yes"], version: "simulated"),
            runner: runner,
            instance: UUID().uuidString,
            dialURL: { "tcp://127.0.0.1:\(try await tunnel.boundPort())" },
            collectFacts: { ["cpus": 1] },
            logger: logger
        )
    }

    /// Whether the controller has welcomed it.
    var isLinked: Bool { link.isLinked }

    /// Runs until the task is cancelled.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await tunnel.run() }
            group.addTask { try await link.run() }
            group.addTask { await runner.run() }
        }
    }
}

/// Counts the runs of an agent.
private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
