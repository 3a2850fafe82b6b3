// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Logging
import ServiceLifecycle
package import Store

/// Sees to it that every job ends in bounded time, whatever the agents do.
///
/// Once a second it ends what is overdue and what belongs to agents that have been silent for longer than the lease. It
/// keeps nothing of its own: what it has to do follows from the store and the directory, so a restart loses nothing.
package struct DeadlineService: Service {
    private let store: any JobStore
    private let directory: AgentDirectory
    private let lease: Duration
    private let wallClock: @Sendable () -> Timestamp
    private let logger: Logger

    /// How many runs are ended in one transaction, so that reports never wait long behind it.
    private static let batch = 2000

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - store: where runs are ended.
    ///   - directory: says which agents are silent.
    ///   - lease: how long an agent may be silent.
    ///   - wallClock: the controller's time.
    ///   - logger: for what could not be done, and for agents that were given up.
    package init(
        store: any JobStore,
        directory: AgentDirectory,
        lease: Duration,
        wallClock: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.store = store
        self.directory = directory
        self.lease = lease
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
                    logger.error("deadlines could not be kept", metadata: ["error": "\(error)"])
                }
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    /// One pass over all that is overdue now.
    ///
    /// - Throws: ``StoreError``.
    package func pass() async throws {
        let silent = directory.newlySilent(since: .now - lease)
        if !silent.isEmpty {
            let now = wallClock()
            let result = try await store.endSilent(silent, now: now)
            directory.gaveUp(silent.filter { result.awaited[$0] == nil })
            // Their hosts start again, so they are looked at once more when the time for that is over.
            directory.awaitReturns(result.awaited.mapValues { .now + ($0 - now) })
            if !result.changed.isEmpty {
                logger.warning(
                    "gave up runs of silent agents",
                    metadata: ["agents": "\(silent.count)", "jobs": "\(result.changed.count)"]
                )
            }
        }
        var more = true
        while more, !Task.isCancelled {
            more = try await store.endOverdue(lease: lease, limit: Self.batch, now: wallClock()).more
        }
    }
}
