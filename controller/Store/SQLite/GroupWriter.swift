// SPDX-License-Identifier: Apache-2.0

import ControllerMetrics
import GRDB
import Synchronization

/// Commits all that waits for the one writer in one transaction, so that they share its synchronisation to the disk.
///
/// Whoever comes adds its work to those that wait and asks for the writer. The first to get it does the work of all;
/// the others find theirs done. Each piece of work is done as a whole or not at all: one that throws is rolled back to
/// its savepoint. Where the transaction as a whole fails, as for a full disk, each is tried again by itself. Nobody
/// is answered before the commit.
///
/// A piece of work whose task is cancelled meanwhile is done all the same. Group commit as in DeWitt et al.,
/// "Implementation Techniques for Main Memory Database Systems" (SIGMOD 1984).
final class GroupWriter: Sendable {
    private struct Work: Sendable {
        let perform: @Sendable (Database) throws -> Void
        let finish: @Sendable (Result<Void, any Error>) -> Void
        /// When it was asked for.
        let since = ContinuousClock.now
    }

    /// How many pieces of work go into one transaction, so that nobody waits long behind it.
    private static let limit = 128

    private let database: any DatabaseWriter
    private let waiting = Mutex<[Work]>([])
    private let commits = Atomic<UInt64>(0)
    /// Rings after each transaction.
    let bell = CommitBell()
    private let metrics: StoreMetrics

    /// How many transactions have been committed.
    var version: UInt64 { commits.load(ordering: .acquiring) }

    /// How many pieces of work wait.
    var waitingCount: Int { waiting.withLock { $0.count } }

    /// Makes a writer of a database; everything that is written goes through it.
    ///
    /// - Parameters:
    ///   - database: what is written.
    ///   - metrics: take how long it took.
    init(_ database: any DatabaseWriter, metrics: StoreMetrics) {
        self.database = database
        self.metrics = metrics
    }

    /// Does `body` in a transaction, which is on disk when this returns.
    ///
    /// - Throws: what `body` throws, or what the database reports; then nothing of it is kept.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let answer = Answer<Value>()
            add(
                Work(
                    perform: { db in answer.set(try body(db)) },
                    finish: { end in continuation.resume(with: end.flatMap { answer.get() }) }
                )
            )
            database.asyncWriteWithoutTransaction { [self] db in commitWaiting(db) }
        }
    }

    private func add(_ work: Work) {
        waiting.withLock { $0.append(work) }
    }

    private func commitWaiting(_ db: Database) {
        let group = waiting.withLock { waiting in
            let group = Array(waiting.prefix(Self.limit))
            waiting.removeFirst(group.count)
            return group
        }
        commit(group, db)
    }

    private func commit(_ group: [Work], _ db: Database) {
        guard group.count > 1 else {
            for work in group { finish(work, alone(work, db), at: .now) }
            return
        }
        do {
            let ends = try together(group, db)
            let now = ContinuousClock.now
            for (work, end) in zip(group, ends) { finish(work, end, at: now) }
        } catch {
            for work in group { finish(work, alone(work, db), at: .now) }
        }
    }

    private func finish(_ work: Work, _ end: Result<Void, any Error>, at now: ContinuousClock.Instant) {
        if case .success = end { metrics.commits.observe(now - work.since) }
        work.finish(end)
    }

    private func alone(_ work: Work, _ db: Database) -> Result<Void, any Error> {
        Result {
            try db.inTransaction(.immediate) {
                try work.perform(db)
                return .commit
            }
            noteCommit()
        }
    }

    private func together(_ group: [Work], _ db: Database) throws -> [Result<Void, any Error>] {
        var ends: [Result<Void, any Error>] = []
        try db.inTransaction(.immediate) {
            for work in group {
                do {
                    try db.inSavepoint {
                        try work.perform(db)
                        return .commit
                    }
                    ends.append(.success(()))
                } catch let error as DatabaseError where error.endsTransactions {
                    throw error
                } catch {
                    ends.append(.failure(error))
                }
            }
            return .commit
        }
        noteCommit()
        return ends
    }

    private func noteCommit() {
        bell.ring(commits.add(1, ordering: .acquiringAndReleasing).newValue)
    }
}

extension DatabaseError {
    /// Whether SQLite may have rolled the whole transaction back, and not only the statement.
    ///
    /// After <https://sqlite.org/lang_transaction.html>, "Response To Errors Within A Transaction".
    fileprivate var endsTransactions: Bool {
        switch resultCode.primaryResultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_BUSY, .SQLITE_INTERRUPT, .SQLITE_CORRUPT: true
        default: false
        }
    }
}

/// The value of a piece of work, from the writer to whoever waits for it.
private final class Answer<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    func set(_ value: Value) {
        self.value.withLock { $0 = value }
    }

    func get() -> Result<Value, any Error> {
        guard let value = value.withLock({ $0 }) else {
            return .failure(StoreError(.failed, "the transaction ended without an answer"))
        }
        return .success(value)
    }
}
