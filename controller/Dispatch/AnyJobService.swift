// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Logging
import ServiceLifecycle
import Store

/// Sees to it that a job for any one agent does not wait for one that is gone.
///
/// Until an agent has acknowledged the run of such a job, it can be given to another one: whoever holds it begins only
/// after the controller's go-ahead, which follows the acknowledgement. Once a second the runs of agents that are not
/// connected any more, or that were drained, go to others that the job's target selects. What it has to do follows from the store
/// and the directory, so a restart loses nothing.
package struct AnyJobService: Service {
    private let store: any JobStore
    private let directory: AgentDirectory
    private let deliver: @Sendable ([AgentID: UInt64]) -> Void
    private let wallClock: @Sendable () -> Timestamp
    private let patience: Duration
    private let logger: Logger

    /// How many jobs are looked at in one pass.
    private static let batch = 1000

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - jobs: knows the store and the directory, and tells the fleet of new work.
    ///   - patience: how long an agent may be away before its run goes to another one.
    ///   - wallClock: the controller's time.
    ///   - logger: for what could not be done, and for runs that go to others.
    package init(
        jobs: JobService,
        patience: Duration = .seconds(3),
        wallClock: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.patience = patience
        store = jobs.store
        directory = jobs.directory
        deliver = { jobs.deliver($0) }
        self.wallClock = wallClock
        self.logger = logger
    }

    /// Works until shutdown.
    ///
    /// A store that fails is tried again a second later.
    package func run() async throws {
        try await untilGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await pass()
                } catch let error as StoreError {
                    logger.error("runs for any agent could not be looked after", metadata: ["error": "\(error)"])
                }
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    /// One look at all runs that wait for an agent.
    ///
    /// - Throws: ``StoreError``.
    package func pass() async throws {
        for waiting in try await store.unacknowledgedAny(limit: Self.batch) {
            let isPresent = directory.isPresent(waiting.agentID, since: .now - patience)
            if isPresent, directory.agent(waiting.agentID)?.drain == nil { continue }
            guard let other = successor(of: waiting) else { continue }
            let changes = try await store.reassign(
                waiting.jobID,
                from: waiting.agentID,
                to: (id: other.id, hostname: other.hostname),
                now: wallClock()
            )
            guard !changes.deliveries.isEmpty else { continue }
            deliver(changes.deliveries)
            logger.info(
                "a run for any agent goes to another one",
                metadata: ["job.id": "\(waiting.jobID)", "hostname": "\(other.hostname)"]
            )
        }
    }

    /// Another agent that the target selects and that is connected; nil where there is none now.
    private func successor(of waiting: UnacknowledgedAny) -> Agent? {
        let others = directory.agents().filter { $0.id != waiting.agentID }
        let expression = try? TargetExpression(parsing: waiting.target)
        return try? expression?.select(from: others, seed: UInt64.random(in: .min ... .max)).first
    }
}
