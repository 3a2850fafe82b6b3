// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Up to where an agent holds what a controller's store delivers to it.
package struct DeliveryPosition: Hashable, Sendable {
    /// The store that the number belongs to; nil if the agent has never held anything.
    package let storeID: String?
    /// The highest delivery that the agent holds.
    package let held: UInt64
    /// Orders up to there that the agent does not follow and of which the controller may not know.
    package let refusedOrders: [RefusedOrder]

    /// Makes a position of its parts.
    package init(storeID: String?, held: UInt64, refusedOrders: [RefusedOrder] = []) {
        self.storeID = storeID
        self.held = held
        self.refusedOrders = refusedOrders
    }
}

/// Which execution of which job's run.
package struct RunKey: Hashable, Sendable {
    /// The job.
    package let jobID: JobID
    /// Which execution.
    package let attempt: Int

    /// Makes a key of its parts.
    package init(jobID: JobID, attempt: Int) {
        self.jobID = jobID
        self.attempt = attempt
    }
}

/// A run that waits for its start.
package struct HeldRun: Hashable, Sendable {
    /// Which run.
    package let key: RunKey
    /// What to do.
    package let operation: OperationRequest
    /// Whether no other such run may go on beside it.
    package let isExclusive: Bool
    /// Whether nothing is to be touched, and only told what would be.
    package let isDryRun: Bool
    /// Who submitted the job: the name of the API key; nil where that is not known.
    package let submittedBy: String?
    /// The place in a trace at which the job was asked for; nil where none was told.
    package let trace: TraceContext?
}

extension Ledger {
    /// Up to where the ledger holds what was delivered.
    ///
    /// - Throws: ``LedgerError``.
    package func position() throws(LedgerError) -> DeliveryPosition {
        try use { (database) throws(LedgerError) in try database.position() }
    }

    /// The run that is to be started next, in the order of delivery; nil if none may be started now.
    ///
    /// Runs that wait for a go-ahead, or for the end of a pause, are passed over, and so are exclusive ones while another
    /// of them goes on.
    ///
    /// - Parameters:
    ///   - now: the time of day.
    ///   - allowingExclusive: whether it may be a run that goes on only where no other such run does.
    ///   - types: operations that it may not be for.
    /// - Returns: the run; nil if none may be started now.
    /// - Throws: ``LedgerError``.
    package func nextHeld(
        now: Timestamp,
        allowingExclusive: Bool = true,
        except types: [String] = []
    ) throws(LedgerError) -> HeldRun? {
        // Texts alone can always be written.
        let others = String(decoding: (try? JSON.encode(types)) ?? Array("[]".utf8), as: UTF8.self)
        return try use { (database) throws(LedgerError) in
            try database.first(
                """
                SELECT job_high, job_low, attempt, operation, parameters, exclusive, submitted_by, dry_run, traceparent
                FROM runs
                WHERE \(LedgerSchema.isHeld) AND awaits_go = 0 AND not_before <= ?\(allowingExclusive ? "" : " AND exclusive = 0")
                    AND operation NOT IN (SELECT value FROM json_each(?))
                ORDER BY position LIMIT 1
                """,
                .integer(now.milliseconds),
                .text(others)
            ) { (row) throws(LedgerError) in
                HeldRun(
                    key: row.key,
                    operation: OperationRequest(type: row.text(3), data: try database.decoded(row.bytes(4))),
                    isExclusive: row.integer(5) != 0,
                    isDryRun: row.integer(7) != 0,
                    submittedBy: row.isNull(6) ? nil : row.text(6),
                    trace: row.isNull(8) ? nil : TraceContext(row.text(8))
                )
            }
        }
    }

    /// Notes that a run begins, and the report of it; answers false if it had begun before and must not begin again.
    ///
    /// - Throws: ``LedgerError``; then the run must not be begun.
    package func begin(_ key: RunKey) throws(LedgerError) -> Bool {
        try use { (database) throws(LedgerError) in
            try database.transaction { () throws(LedgerError) in
                guard let position = try database.position(of: key, states: "'held'") else { return false }
                try database.run("UPDATE runs SET state = 'started' WHERE position = ?", .integer(position))
                try database.run("INSERT INTO reports (run, kind) VALUES (?, 'started')", .integer(position))
                return true
            }
        }
    }

    /// Stores the outcome of a run that is held or has begun, and the report of it; answers false if there is none
    /// such, as when it has an outcome already.
    ///
    /// Where the run's policy has another attempt follow, that is held from the same transaction on.
    ///
    /// - Throws: ``LedgerError``; then the outcome is not stored.
    @discardableResult
    package func finish(_ key: RunKey, with outcome: RunOutcome, now: Timestamp) throws(LedgerError) -> Bool {
        try use { (database) throws(LedgerError) in
            try database.transaction { () throws(LedgerError) in
                guard let position = try database.position(of: key, states: "'held', 'started'") else { return false }
                try database.end(position, with: outcome, now: now)
                return true
            }
        }
    }

    /// Ends all runs that wait and whose time to start is over, as `expired`; answers how many.
    ///
    /// - Throws: ``LedgerError``.
    package func expireHeld(now: Timestamp) throws(LedgerError) -> Int {
        let message = "it could not be started in time on its host"
        let outcome = RunOutcome(
            state: .expired,
            changed: false,
            error: RunError(code: "not_started_in_time", message: message)
        )
        return try use { (database) throws(LedgerError) in
            let late = "SELECT position FROM runs WHERE \(LedgerSchema.isHeld) AND start_before < ?"
            let found = try database.first(late, .integer(now.milliseconds)) { $0.integer(0) }
            guard found != nil else { return 0 }
            return try database.transaction { () throws(LedgerError) in
                let positions = try database.all(late, .integer(now.milliseconds)) { $0.integer(0) }
                for position in positions {
                    try database.end(position, with: try database.expiry(of: position) ?? outcome, now: now)
                }
                return positions.count
            }
        }
    }

    /// The runs that have no outcome yet, those that have begun first; at most `limit`.
    ///
    /// - Throws: ``LedgerError``.
    package func active(limit: Int) throws(LedgerError) -> [RunKey] {
        try use { (database) throws(LedgerError) in
            try database.all(
                """
                SELECT job_high, job_low, attempt FROM runs WHERE state <> 'ended'
                ORDER BY state DESC, position LIMIT ?
                """,
                .integer(Int64(limit))
            ) { $0.key }
        }
    }
}

extension SQLiteRow {
    /// The key of a run whose columns are the first three.
    var key: RunKey {
        let jobID = JobID(high: UInt64(bitPattern: integer(0)), low: UInt64(bitPattern: integer(1)))
        return RunKey(jobID: jobID, attempt: Int(integer(2)))
    }
}

extension SQLite {
    func position() throws(LedgerError) -> DeliveryPosition {
        let names = "'store_id', 'held', '\(SQLite.refusedOrders)'"
        let values = try all("SELECT name, value FROM meta WHERE name IN (\(names))") { row in
            (row.text(0), row.text(1))
        }
        let byName = Dictionary(values, uniquingKeysWith: { $1 })
        return DeliveryPosition(
            storeID: byName["store_id"],
            held: byName["held"].flatMap { UInt64($0) } ?? 0,
            refusedOrders: byName[SQLite.refusedOrders].map(SQLite.refusedOrders(in:)) ?? []
        )
    }

    func setMeta(_ name: String, to value: String) throws(LedgerError) {
        try run(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            .text(name),
            .text(value)
        )
    }

    /// Where a run is in the ledger, if it is in one of the states.
    func position(of key: RunKey, states: String) throws(LedgerError) -> Int64? {
        try first(
            """
            SELECT position FROM runs
            WHERE job_high = ? AND job_low = ? AND attempt = ? AND state IN (\(states))
            """,
            .integer(Int64(bitPattern: key.jobID.high)),
            .integer(Int64(bitPattern: key.jobID.low)),
            .integer(Int64(key.attempt))
        ) { $0.integer(0) }
    }

    /// The outcome of a run that has had an attempt and does not get the next one in time; nil for a first attempt.
    fileprivate func expiry(of position: Int64) throws(LedgerError) -> RunOutcome? {
        let attempt = try first("SELECT attempt FROM runs WHERE position = ?", .integer(position)) { $0.integer(0) }
        guard let attempt, attempt > 1 else { return nil }
        let message = "attempt \(attempt) could not be started in time; attempt \(attempt - 1) had failed"
        return RunOutcome(state: .failed, error: RunError(code: "not_started_in_time", message: message))
    }
}
