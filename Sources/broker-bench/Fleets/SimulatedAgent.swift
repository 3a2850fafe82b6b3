// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Link
import Logging
import Runner
import ServiceLifecycle
import Synchronization
import Tunnel

/// One agent of a fleet: the real link, and the real tunnel where there is one, before a host that is made up.
struct SimulatedAgent: Sendable {
    /// How its host behaves.
    struct Behaviour: Sendable {
        /// How long each run takes.
        var delay = Duration.zero
        /// Of so many runs one fails; 0 for none.
        var failEvery = 0
        /// Holds the ends of all runs back until it opens.
        var gate: GateClock?
    }

    private let tunnel: DialTunnelService?
    private let link: LinkService
    private let runner: any RunHolder & Service

    /// Makes an agent that dials `url`, or through `tunnel`.
    init(
        hostname: String,
        url: String,
        tunnel: DialTunnelService?,
        verifier: DeliveryVerifier,
        behaviour: Behaviour,
        logger: Logger
    ) {
        self.tunnel = tunnel
        runner = Self.host(behaviour)
        link = LinkService(
            configuration: LinkConfiguration(
                hostname: hostname,
                labels: ["fleet": "simulated"],
                version: "simulated"
            ),
            runner: runner,
            verifier: verifier,
            instance: UUID().uuidString,
            dialURL: {
                guard let tunnel else { return url }
                return "tcp://127.0.0.1:\(try await tunnel.boundPort())"
            },
            collectFacts: { ["cpus": 1] },
            logger: logger
        )
    }

    private static func host(_ behaviour: Behaviour) -> any RunHolder & Service {
        let failEvery = behaviour.failEvery
        let count = Counter()
        let outcome: @Sendable (Assignment) -> RunOutcome = { _ in
            guard failEvery > 0, count.next() % failEvery == 0 else {
                return RunOutcome(state: .completed, changed: false, data: ["simulated": true])
            }
            return RunOutcome(
                state: .failed,
                changed: false,
                error: RunError(code: "simulated", message: "it was its turn to fail")
            )
        }
        let id = UUID().uuidString
        guard let gate = behaviour.gate else {
            return SimulatedRunner(ledgerID: id, delay: behaviour.delay, outcome: outcome)
        }
        return SimulatedRunner(ledgerID: id, delay: .seconds(1), clock: gate, outcome: outcome)
    }

    /// Whether the controller has welcomed it.
    var isLinked: Bool { link.isLinked }

    /// Runs until the task is cancelled.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            if let tunnel { group.addTask { try await tunnel.run() } }
            group.addTask { try await link.run() }
            group.addTask { try await runner.run() }
        }
    }
}

/// Counts the runs of an agent.
private final class Counter: Sendable {
    private let value = Atomic(0)

    func next() -> Int {
        value.add(1, ordering: .relaxed).newValue
    }
}
