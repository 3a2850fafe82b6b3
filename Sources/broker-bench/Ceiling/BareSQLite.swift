// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// The least that results cost on the disk: prepared statements by SQLite's C API, in the tables of the real store.
final class BareSQLite {
    private var database: OpaquePointer?
    private var statements: [OpaquePointer?] = []
    private let agents: Int

    /// Opens a store that `SQLiteStore` has made, and puts in agents.
    init(path: String, agents: Int) throws {
        self.agents = agents
        guard sqlite3_open(path, &database) == SQLITE_OK else { throw BenchError("\(path): cannot be opened") }
        try execute("PRAGMA journal_mode = WAL")
        try execute("PRAGMA synchronous = FULL")
        try execute("PRAGMA cache_size = -16384")
        try execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(agents))
            INSERT INTO agents (agent, id, hostname, labels, version, first_seen_at, last_seen_at)
            SELECT i, 'bare-' || i, 'bare-' || i, '{}', '', 0, 0 FROM n
            """
        )
        try execute("INSERT INTO agent_deliveries (agent) SELECT agent FROM agents")
        statements = try [
            """
            UPDATE runs SET state = 'completed', changed = 0, acknowledged_at = ?, started_at = ?, completed_at = ?
            WHERE job = ? AND agent = ?
            """,
            "INSERT INTO run_data (job, agent, data) VALUES (?, ?, '{\"simulated\":true}')",
            "INSERT INTO events (job, sequence, time, event, hostname) VALUES (?, ?, ?, ?, ?)",
            "UPDATE jobs SET pending = pending - ?, completed = completed + ?, timeline_count = ? WHERE job = ?",
        ].map(prepare)
    }

    deinit {
        for statement in statements { sqlite3_finalize(statement) }
        sqlite3_close(database)
    }

    /// Writes the results of jobs for all agents, so many in each fsynced transaction.
    ///
    /// - Returns: results a second.
    func results(jobs: Int, perTransaction: Int) throws -> Double {
        var measured = Duration.zero
        for _ in 0..<jobs {
            let job = try insertJob()
            let start = ContinuousClock.now
            for first in stride(from: 1, through: agents, by: perTransaction) {
                let last = min(first + perTransaction - 1, agents)
                try execute("BEGIN IMMEDIATE")
                for agent in first...last { try write(job: job, agent: Int64(agent)) }
                let count = Int64(last - first + 1)
                try run(3, [count, count, 1 + Int64(last) * 3, job])
                try execute("COMMIT")
            }
            measured += ContinuousClock.now - start
        }
        return Double(jobs * agents) / measured.inSeconds
    }

    /// How long the runs of a new job for all agents take, in milliseconds.
    func creation(jobs: Int) throws -> Sample {
        var times: [Duration] = []
        for _ in 0..<jobs {
            let start = ContinuousClock.now
            _ = try insertJob()
            times.append(ContinuousClock.now - start)
        }
        return Sample(times)
    }

    private func insertJob() throws -> Int64 {
        try execute("BEGIN IMMEDIATE")
        try execute(
            """
            INSERT INTO jobs (
                id, status, operation_type, target, created_at, deadline_at, hard_end_at, next_check_at, pending,
                acknowledged, started, completed, failed, skipped, timed_out, cancelled, expired, lost, changed_count,
                unchanged_count, timeline_count, timeline_time
            ) VALUES (randomblob(16), 'processing', 'ping', '_all', 0, 0, 0, 0, \(agents), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0)
            """
        )
        let job = sqlite3_last_insert_rowid(database)
        try execute(
            """
            INSERT INTO runs (job, agent, hostname, state, attempt, delivery)
            SELECT \(job), agent, hostname, 'pending', 1, last_delivery + 1 FROM agents CROSS JOIN agent_deliveries USING (agent)
            """
        )
        try execute("UPDATE agent_deliveries SET last_delivery = last_delivery + 1")
        try execute("INSERT INTO events (job, sequence, time, event) VALUES (\(job), 1, 0, 'submitted')")
        try execute("COMMIT")
        return job
    }

    private func write(job: Int64, agent: Int64) throws {
        let now: Int64 = 1_700_000_000_000
        try run(0, [now, now, now, job, agent])
        try run(1, [job, agent])
        for (step, event) in ["acknowledged", "started", "completed"].enumerated() {
            try run(2, [job, agent * 3 - 1 + Int64(step), now], texts: [event, "bare-\(agent)"])
        }
    }

    // MARK: Statements

    private func execute(_ sql: String) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    private func prepare(_ sql: String) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK
        else { throw failure(sql) }
        return statement
    }

    private func run(_ index: Int, _ numbers: [Int64], texts: [String] = []) throws {
        let statement = statements[index]
        for (place, number) in numbers.enumerated() { sqlite3_bind_int64(statement, Int32(place + 1), number) }
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        for (place, text) in texts.enumerated() {
            sqlite3_bind_text(statement, Int32(numbers.count + place + 1), text, -1, transient)
        }
        guard sqlite3_step(statement) == SQLITE_DONE else { throw failure("statement \(index)") }
        sqlite3_reset(statement)
    }

    private func failure(_ what: String) -> BenchError {
        BenchError("bare SQLite: \(String(cString: sqlite3_errmsg(database))) in \(what.prefix(60))")
    }
}
