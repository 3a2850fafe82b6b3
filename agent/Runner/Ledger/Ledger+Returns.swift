// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Operations

/// A run that waits for its host, and that is to be cancelled.
package struct CancelledReturn: Hashable, Sendable {
    /// Which run.
    package let key: RunKey
    /// What it waits for.
    package let awaited: AwaitedReturn
    /// Who asked for the end of it.
    package let requestedBy: String?
}

extension Ledger {
    /// Notes that a run which has begun waits for its host to be started again, and the report of it.
    ///
    /// From here on only the return of the host, the end of its time or a cancel ends the run: it outlives the agent.
    ///
    /// - Returns: whether there is such a run.
    /// - Throws: ``LedgerError``; then the host must not go.
    package func awaitReturn(of key: RunKey, _ awaited: AwaitedReturn) throws(LedgerError) -> Bool {
        try use { (database) throws(LedgerError) in
            try database.transaction { () throws(LedgerError) in
                guard let position = try database.position(of: key, states: "'started'") else { return false }
                try database.run(
                    "UPDATE runs SET goes_at = ?, back_before = ?, awaited = ? WHERE position = ?",
                    .integer(awaited.goesAt.milliseconds),
                    .integer(awaited.backBefore.milliseconds),
                    .bytes(try database.encoded(awaited.stored)),
                    .integer(position)
                )
                try database.run(
                    "INSERT INTO reports (run, kind, boot_id) VALUES (?, 'started', ?)",
                    .integer(position),
                    .text(awaited.bootID)
                )
                return true
            }
        }
    }

    /// Whether any run waits for the host to be started again.
    ///
    /// - Throws: ``LedgerError``.
    package func awaitsReturn() throws(LedgerError) -> Bool {
        try use { (database) throws(LedgerError) in try database.awaitsReturn() }
    }

    /// Ends the runs that wait for the host and whose time is over; answers how many.
    ///
    /// - Throws: ``LedgerError``.
    package func endReturns(now: Timestamp) throws(LedgerError) -> Int {
        try use { (database) throws(LedgerError) in try database.endReturns(bootID: bootID, now: now) }
    }

    /// The runs that wait for the host and are to be cancelled, in the order in which they came.
    ///
    /// - Throws: ``LedgerError``.
    package func cancelledReturns() throws(LedgerError) -> [CancelledReturn] {
        try use { (database) throws(LedgerError) in
            try database.all(
                """
                SELECT job_high, job_low, attempt, goes_at, back_before, awaited, cancel_requested_by FROM runs
                WHERE \(SQLite.isAwaiting) AND cancel_requested = 1 ORDER BY position
                """
            ) { (row) throws(LedgerError) in
                CancelledReturn(
                    key: row.key,
                    awaited: try row.awaited(at: 3, database),
                    requestedBy: row.isNull(6) ? nil : row.text(6)
                )
            }
        }
    }
}

extension SQLite {
    fileprivate static let isAwaiting = "\(LedgerSchema.isBegun) AND awaited IS NOT NULL"

    fileprivate func awaitsReturn() throws(LedgerError) -> Bool {
        try first("SELECT 1 FROM runs WHERE \(Self.isAwaiting) LIMIT 1") { _ in true } ?? false
    }

    /// Ends the runs that have waited for the host, where it is back or their time is over.
    func endReturns(bootID: String?, now: Timestamp) throws(LedgerError) -> Int {
        guard try awaitsReturn() else { return 0 }
        return try transaction { () throws(LedgerError) in
            let waiting = try all("SELECT position, goes_at, back_before, awaited FROM runs WHERE \(Self.isAwaiting)") {
                (row) throws(LedgerError) in
                (row.integer(0), try row.awaited(at: 1, self).outcome(bootID: bootID, now: now))
            }
            var ended = 0
            for case (let position, let outcome?) in waiting {
                try end(position, with: outcome, now: now)
                ended += 1
            }
            return ended
        }
    }
}

extension SQLiteRow {
    /// What a run waits for, in three columns from `first` on.
    fileprivate func awaited(at first: Int32, _ database: SQLite) throws(LedgerError) -> AwaitedReturn {
        let awaited = AwaitedReturn(
            stored: try database.decoded(bytes(first + 2)),
            goesAt: Timestamp(milliseconds: integer(first)),
            backBefore: Timestamp(milliseconds: integer(first + 1))
        )
        guard let awaited else { throw LedgerError(code: .corrupt, message: "a run waits for nothing that is known") }
        return awaited
    }
}
