// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Logging
import ServiceLifecycle
package import Store

/// Deletes history that is too old or too much, and takes away the rows of deleted jobs.
///
/// It works in small transactions with pauses between them, so that jobs and reports never wait long behind it; a restart
/// goes on where the last one ended.
package struct RetentionService: Service {
    private let store: any JobStore
    private let retention: Retention
    private let wallClock: @Sendable () -> Timestamp
    private let logger: Logger

    /// How many jobs are taken out of sight in one transaction.
    static let jobsPerStep = 100
    /// How many rows are taken away in one transaction.
    static let rowsPerStep = 2000
    /// Between two steps, for others.
    static let pause = Duration.milliseconds(20)
    /// Between two looks when there was nothing to do.
    static let interval = Duration.seconds(10)

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - store: where history is.
    ///   - retention: how much is kept.
    ///   - wallClock: the controller's time.
    ///   - logger: for what was deleted and what could not be.
    package init(
        store: any JobStore,
        retention: Retention,
        wallClock: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.store = store
        self.retention = retention
        self.wallClock = wallClock
        self.logger = logger
    }

    /// Works until shutdown.
    ///
    /// A store that fails is tried again later.
    package func run() async throws {
        try await untilGracefulShutdown {
            while !Task.isCancelled {
                var isIdle = true
                do {
                    isIdle = try await !step()
                } catch let error as StoreError {
                    logger.error("history could not be deleted", metadata: ["error": "\(error)"])
                }
                do { try await Task.sleep(for: isIdle ? Self.interval : Self.pause) } catch { return }
            }
        }
    }

    /// One step.
    ///
    /// Rows are taken away first: what is known of the size of the database counts only then.
    ///
    /// - Returns: whether there is more to do.
    /// - Throws: ``StoreError``.
    package func step() async throws -> Bool {
        if try await store.purge(limit: Self.rowsPerStep) { return true }
        guard retention != Retention() else { return false }
        let deleted = try await store.deleteHistory(retention, limit: Self.jobsPerStep, now: wallClock())
        if deleted > 0 { logger.info("old jobs deleted", metadata: ["jobs": "\(deleted)"]) }
        return deleted > 0
    }
}
