// SPDX-License-Identifier: Apache-2.0

package import Jobs
import Synchronization

/// What an agent was given to do, did, and still has to tell: one SQLite file that outlives crashes.
///
/// Every change is one transaction and on the disk when its function returns. A run that was begun is never begun
/// again: the row that says so is kept for as long as the controller could deliver it once more. Where a function
/// throws, nothing was stored and nothing may be acknowledged.
///
/// Functions block for the time of a write to the disk, and one at a time goes on.
package final class Ledger: Sendable {
    /// The random name of this file, made with it: a controller sees by it that an agent has lost its memory.
    package let ledgerID: String

    /// The kernel's name for the start of the host that goes on; nil where it does not tell.
    package let bootID: String?

    private let database: Mutex<SQLite>

    /// Opens the ledger, and makes it if there is none.
    ///
    /// Runs that a crash interrupted get the outcome `failed`, `interrupted`, and a report that says so; the next attempt,
    /// where the job asks for one; `cancelled`, where they were to be. Those that wait for the host to be started again have
    /// ended where it was, and go on waiting where it was not.
    ///
    /// - Parameters:
    ///   - path: the file; its directory must exist.
    ///   - now: the time of day.
    ///   - anchor: how the wall clock stands, so that one that was set meanwhile moves no deadline; nil to leave that out.
    /// - Throws: ``LedgerError``.
    package init(path: String, now: Timestamp, anchor: ClockAnchor? = nil) throws(LedgerError) {
        let database = try SQLite(path: path)
        try LedgerSchema.prepare(database, path: path, newLedgerID: Self.randomName())
        let name = try database.first("SELECT value FROM meta WHERE name = 'ledger_id'") { $0.text(0) }
        guard let name else { throw LedgerError(code: .corrupt, message: "the ledger '\(path)' has no name") }
        ledgerID = name
        bootID = anchor?.bootID
        if let anchor { try database.adopt(anchor) }
        try Self.finishInterrupted(database, now: now)
        _ = try database.endReturns(bootID: bootID, now: now)
        self.database = Mutex(database)
    }

    /// Runs `body` alone with the database.
    func use<Result: Sendable>(_ body: (SQLite) throws(LedgerError) -> Result) throws(LedgerError) -> Result {
        try database.withLock { (database) throws(LedgerError) in try body(database) }
    }

    private static let begun =
        "SELECT position, cancel_requested FROM runs WHERE \(LedgerSchema.isBegun) AND awaited IS NULL"

    private static func randomName() -> String {
        let digits =
            String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }

    private static func finishInterrupted(_ database: SQLite, now: Timestamp) throws(LedgerError) {
        let message = "the agent stopped while it ran; what it did until then is not known"
        let interrupted = RunOutcome(state: .failed, error: RunError(code: "interrupted", message: message))
        // Who asked for the end of it is not to hear of a failure, and it does not begin again.
        let cancelledMessage = "cancelled; the agent stopped before it could tell how it ended"
        let cancelled = RunOutcome(state: .cancelled, error: RunError(code: "cancelled", message: cancelledMessage))
        try database.transaction { () throws(LedgerError) in
            let begun = try database.all(Self.begun) { ($0.integer(0), $0.integer(1) != 0) }
            for (position, isCancelled) in begun {
                try database.end(position, with: isCancelled ? cancelled : interrupted, now: now)
            }
        }
    }
}

extension SQLite {
    /// Stores the outcome of a run and the report of it, and the next attempt where one follows; part of a transaction.
    func end(_ position: Int64, with outcome: RunOutcome, now: Timestamp) throws(LedgerError) {
        let pause = try pause(after: position, endedWith: outcome, now: now)
        let data = try outcome.data.map { (data) throws(LedgerError) in Value.bytes(try encoded(data)) }
        try run(
            """
            UPDATE runs SET state = 'ended', outcome = ?, changed = ?, error_code = ?, error_message = ?, data = ?,
                digest = ?, ended_at = ?, retry_pause = ? WHERE position = ?
            """,
            .text(outcome.state.rawValue),
            outcome.changed.map { .integer($0 ? 1 : 0) } ?? .null,
            outcome.error.map { .text($0.code) } ?? .null,
            outcome.error.map { .text($0.message) } ?? .null,
            data ?? .null,
            outcome.digested.digest.map { .bytes($0.bytes) } ?? .null,
            .integer(now.milliseconds),
            pause.map { .integer($0.wholeMilliseconds) } ?? .null,
            .integer(position)
        )
        try run("INSERT INTO reports (run, kind) VALUES (?, 'ended')", .integer(position))
        if let pause { try insertAttempt(after: position, notBefore: now + pause, now: now) }
    }

    /// After what pause another attempt follows one that ends now; nil where none does, as for a run that was cancelled,
    /// and for one that could no longer begin before its time is over.
    private func pause(
        after position: Int64,
        endedWith outcome: RunOutcome,
        now: Timestamp
    ) throws(LedgerError) -> Duration? {
        let found = try first(
            """
            SELECT attempt, max_attempts, backoff, rerun_interrupted, start_before FROM runs
            WHERE position = ? AND state = 'started' AND cancel_requested = 0 AND awaited IS NULL
            """,
            .integer(position)
        ) { row in
            var policy = ExecutionPolicy()
            policy.maxAttempts = Int(row.integer(1))
            policy.backoff = .milliseconds(row.integer(2))
            policy.onInterrupt = row.integer(3) != 0 ? .rerun : .fail
            return (policy, Int(row.integer(0)), Timestamp(milliseconds: row.integer(4)))
        }
        guard let (policy, attempt, startBefore) = found,
            let pause = policy.pause(after: attempt, endedWith: outcome), now + pause < startBefore
        else { return nil }
        return pause
    }

    private func insertAttempt(after position: Int64, notBefore: Timestamp, now: Timestamp) throws(LedgerError) {
        try run(
            """
            INSERT INTO runs (job_high, job_low, attempt, delivery, operation, parameters, arrived_at, start_before,
                max_attempts, backoff, rerun_interrupted, exclusive, not_before, submitted_by, deadline, dry_run,
                traceparent, state)
            SELECT job_high, job_low, attempt + 1, delivery, operation, parameters, ?, start_before,
                max_attempts, backoff, rerun_interrupted, exclusive, ?, submitted_by, deadline, dry_run,
                traceparent, 'held' FROM runs WHERE position = ?
            """,
            .integer(now.milliseconds),
            .integer(notBefore.milliseconds),
            .integer(position)
        )
    }

    /// The bytes of a value, as the ledger stores them.
    func encoded(_ value: JSONValue) throws(LedgerError) -> [UInt8] {
        do {
            return try value.text()
        } catch {
            throw LedgerError(code: .failed, message: "a value cannot be written as JSON: \(error)")
        }
    }

    /// The value that was stored as bytes.
    func decoded(_ bytes: [UInt8]) throws(LedgerError) -> JSONValue {
        do {
            return try JSONText.parse(bytes)
        } catch {
            throw LedgerError(code: .corrupt, message: "a stored value is no JSON: \(error)")
        }
    }
}
