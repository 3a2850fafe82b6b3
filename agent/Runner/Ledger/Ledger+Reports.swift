// SPDX-License-Identifier: Apache-2.0

package import Jobs

extension Ledger {
    /// What is still to be told, in the order in which it happened.
    ///
    /// - Parameters:
    ///   - sequence: only those that come after it.
    ///   - limit: how many reports at most.
    ///   - maximumBytes: how many bytes of data at most; the first report is given however large it is.
    /// - Returns: the first reports.
    /// - Throws: ``LedgerError``.
    package func pendingReports(
        after sequence: Int64 = 0,
        limit: Int,
        maximumBytes: Int
    ) throws(LedgerError) -> [RunReport] {
        try use { (database) throws(LedgerError) in
            var reports: [RunReport] = []
            var bytes = 0
            let values: [SQLite.Value] = [.integer(sequence), .integer(Int64(limit))]
            try database.each(Self.pendingQuery, values) { (row) throws(LedgerError) in
                bytes += Int(row.integer(5)) + Self.bytesOfReport
                guard reports.isEmpty || bytes <= maximumBytes else { return false }
                reports.append(try row.report(database))
                return true
            }
            return reports
        }
    }

    /// Whether there is anything to tell.
    ///
    /// - Throws: ``LedgerError``.
    package func hasReports() throws(LedgerError) -> Bool {
        try use { (database) throws(LedgerError) in
            try database.first("SELECT 1 FROM reports LIMIT 1") { _ in true } ?? false
        }
    }

    /// Notes that the controller has reports on its disk, so that they are not told again.
    ///
    /// Of a run that has ended only the memory that there was one is kept. Numbers of reports that are not there are
    /// passed over.
    ///
    /// - Throws: ``LedgerError``; then the reports will be told again.
    package func confirm(_ sequences: [Int64]) throws(LedgerError) {
        guard !sequences.isEmpty else { return }
        try use { (database) throws(LedgerError) in
            try database.transaction { () throws(LedgerError) in try database.confirm(sequences) }
        }
    }

    /// Forgets runs that ended before a time, and whose deadline was over before it, and whose end the controller knows.
    ///
    /// What has not been told yet stays, however old it is. The latest deadline of what is forgotten stays in memory:
    /// whatever comes with an earlier one may have been executed, and is refused.
    ///
    /// - Parameter time: what ended before it is forgotten.
    /// - Returns: how many runs were forgotten.
    /// - Throws: ``LedgerError``.
    package func prune(endedBefore time: Timestamp) throws(LedgerError) -> Int {
        try use { (database) throws(LedgerError) in
            try database.transaction { () throws(LedgerError) in
                let latest = try database.first(
                    "SELECT max(deadline) FROM runs WHERE \(Self.forgettable)",
                    .integer(time.milliseconds)
                ) { $0.isNull(0) ? Int64?.none : $0.integer(0) }
                guard let latest, let latest else { return 0 }
                try database.noteForgotten(deadline: latest)
                try database.run("DELETE FROM runs WHERE \(Self.forgettable)", .integer(time.milliseconds))
                return database.changes
            }
        }
    }

    private static let forgettable = """
        confirmed = 1 AND ended_at < ?1 AND deadline < ?1
            AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.run = runs.position)
        """

    /// About what a report is in bytes besides its data.
    private static let bytesOfReport = 256

    private static let pendingQuery = """
        SELECT job_high, job_low, attempt, sequence, kind, CASE kind WHEN 'ended' THEN ifnull(length(data), 0)
            + ifnull(length(error_message), 0) ELSE 0 END, outcome, changed, error_code, error_message, data, retry_pause, digest,
            reports.boot_id
        FROM reports JOIN runs ON runs.position = reports.run WHERE sequence > ? ORDER BY sequence LIMIT ?
        """
}

extension SQLite {
    /// Forgets reports that the controller has; part of a transaction.
    func confirm(_ sequences: [Int64]) throws(LedgerError) {
        for sequence in sequences {
            try run(
                """
                UPDATE runs SET confirmed = 1, data = NULL, awaited = NULL, parameters = x''
                WHERE position = (SELECT run FROM reports WHERE sequence = ? AND kind = 'ended')
                """,
                .integer(sequence)
            )
            try run("DELETE FROM reports WHERE sequence = ?", .integer(sequence))
        }
    }

    fileprivate func noteForgotten(deadline: Int64) throws(LedgerError) {
        try run(
            """
            INSERT INTO meta (name, value) VALUES ('forgotten_deadline', ?1)
            ON CONFLICT (name) DO UPDATE SET value = ?1 WHERE CAST(value AS INTEGER) < CAST(?1 AS INTEGER)
            """,
            .text(String(deadline))
        )
    }
}

extension SQLiteRow {
    /// The report in a row of `pendingQuery`.
    fileprivate func report(_ database: SQLite) throws(LedgerError) -> RunReport {
        RunReport(sequence: integer(3), jobID: key.jobID, attempt: key.attempt, event: try event(database))
    }

    private func event(_ database: SQLite) throws(LedgerError) -> RunReport.Event {
        guard text(4) == "ended" else { return isNull(13) ? .started : .goingDown(bootID: text(13)) }
        let outcome = try outcome(database)
        return isNull(11) ? .ended(outcome) : .retrying(outcome, after: .milliseconds(integer(11)))
    }

    private func outcome(_ database: SQLite) throws(LedgerError) -> RunOutcome {
        guard let state = RunState(rawValue: text(6)), state.isTerminal else {
            throw LedgerError(code: .corrupt, message: "a run has the outcome '\(text(6))'")
        }
        return RunOutcome(
            state: state,
            changed: isNull(7) ? nil : integer(7) != 0,
            error: isNull(8) ? nil : RunError(code: text(8), message: text(9)),
            data: isNull(10) ? JSONValue?.none : try database.decoded(bytes(10)),
            digest: ResultDigest(bytes: bytes(12))
        )
    }
}
