// SPDX-License-Identifier: Apache-2.0

/// The tables of the ledger and their versions.
enum LedgerSchema {
    /// The version that this agent writes.
    static let version: Int64 = 7

    /// Prepares a database that was just opened; one that is new gets its tables.
    ///
    /// - Throws: ``LedgerError``: in use, corrupt, of a newer version, or not writable.
    static func prepare(_ database: SQLite, path: String, newLedgerID: String) throws(LedgerError) {
        do throws(LedgerError) {
            try prepare(database, newLedgerID: newLedgerID)
        } catch {
            throw LedgerError(code: error.code, message: "the ledger '\(path)': \(error.message)")
        }
    }

    private static func prepare(_ database: SQLite, newLedgerID: String) throws(LedgerError) {
        // Nobody else may open it, and so no file of shared memory is needed beside it.
        try database.run("PRAGMA locking_mode = EXCLUSIVE")
        let found = try database.first("PRAGMA user_version") { $0.integer(0) } ?? 0
        guard found <= version else {
            let message = "has version \(found), and this agent knows \(version): a newer agent wrote it"
            throw LedgerError(code: .newerSchema, message: message)
        }
        // Not earlier: a file of a newer agent is left as it is.
        try database.run("PRAGMA journal_mode = WAL")
        try database.run("PRAGMA synchronous = FULL")
        try database.run("PRAGMA foreign_keys = ON")
        if found > 0 { try checkHealth(database) }
        try database.transaction { () throws(LedgerError) in
            if found < 1 { try create(database, newLedgerID: newLedgerID) }
            if found < 2 { for statement in policies { try database.run(statement) } }
            if found < 3 { for statement in origins { try database.run(statement) } }
            if found < 4 { try database.run(digests) }
            if found < 5 { for statement in dryRuns { try database.run(statement) } }
            if found < 6 { try database.run(trace) }
            if found < 7 { for statement in returns { try database.run(statement) } }
            if found < version { try database.run("PRAGMA user_version = \(version)") }
        }
    }

    private static func create(_ database: SQLite, newLedgerID: String) throws(LedgerError) {
        for table in tables { try database.run(table) }
        try database.run("INSERT INTO meta (name, value) VALUES ('ledger_id', ?)", .text(newLedgerID))
    }

    private static func checkHealth(_ database: SQLite) throws(LedgerError) {
        let finding = try database.first("PRAGMA quick_check(1)") { $0.text(0) }
        guard finding == "ok" else {
            throw LedgerError(code: .corrupt, message: finding ?? "it cannot be checked")
        }
    }

    /// The conditions of runs that are held, and of those that have begun.
    ///
    /// Each says what follows from it as well: SQLite takes a partial index only for a condition that it finds word for word,
    /// and would look at every run that the ledger remembers, with each turn of the runner.
    static let isHeld = "state = 'held' AND state <> 'ended'"
    static let isBegun = "state = 'started' AND state <> 'ended'"

    private static let tables = [
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
        // `position` is the order of arrival, which is that of delivery, and stays so when the controller's store is
        // replaced and numbers begin anew.
        """
        CREATE TABLE runs (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            job_high INTEGER NOT NULL,
            job_low INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            delivery INTEGER NOT NULL,
            operation TEXT NOT NULL,
            parameters BLOB NOT NULL,
            arrived_at INTEGER NOT NULL,
            start_before INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('held', 'started', 'ended')),
            outcome TEXT,
            changed INTEGER,
            error_code TEXT,
            error_message TEXT,
            data BLOB,
            ended_at INTEGER,
            confirmed INTEGER NOT NULL DEFAULT 0,
            UNIQUE (job_high, job_low, attempt)
        ) STRICT
        """,
        "CREATE INDEX unfinished_runs ON runs (state, position) WHERE state <> 'ended'",
        "CREATE INDEX confirmed_runs ON runs (ended_at) WHERE confirmed = 1",
        """
        CREATE TABLE reports (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            run INTEGER NOT NULL REFERENCES runs (position),
            kind TEXT NOT NULL CHECK (kind IN ('started', 'ended'))
        ) STRICT
        """,
        "CREATE INDEX reports_of_run ON reports (run)",
    ]

    /// Version 2: how runs are executed, and that they are to be ended.
    ///
    /// `retry_pause`: this attempt ended, and the next one follows after so many milliseconds. `cancel_requested` of a run
    /// that has begun outlives a crash, so that the run does not begin again after it.
    private static let policies = [
        "ALTER TABLE runs ADD COLUMN max_attempts INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE runs ADD COLUMN backoff INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN rerun_interrupted INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN exclusive INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN awaits_go INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN retry_pause INTEGER",
        "ALTER TABLE runs ADD COLUMN cancel_requested INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN cancel_requested_by TEXT",
        "CREATE INDEX shared_runs ON runs (position) WHERE state = 'held' AND exclusive = 0",
    ]

    /// Version 3: who submitted a job, and until when its envelope counts.
    private static let origins = [
        "ALTER TABLE runs ADD COLUMN submitted_by TEXT",
        "ALTER TABLE runs ADD COLUMN deadline INTEGER NOT NULL DEFAULT 0",
    ]

    /// Version 4: what stands for a result.
    private static let digests = "ALTER TABLE runs ADD COLUMN digest BLOB"

    /// Version 5: whether nothing is to be touched.
    private static let dryRuns = ["ALTER TABLE runs ADD COLUMN dry_run INTEGER NOT NULL DEFAULT 0"]

    /// Version 6: the place in a trace at which a job was asked for.
    ///
    /// Runs begin from the ledger alone, now or after a restart, and their commands are told of the trace either way.
    private static let trace = "ALTER TABLE runs ADD COLUMN traceparent TEXT"

    /// Version 7: runs that have begun and wait for their host to be started again, and the report that says so.
    ///
    /// A run with `awaited` is never begun again, and no attempt follows it.
    private static let returns = [
        "ALTER TABLE runs ADD COLUMN goes_at INTEGER",
        "ALTER TABLE runs ADD COLUMN back_before INTEGER",
        "ALTER TABLE runs ADD COLUMN awaited BLOB",
        "ALTER TABLE reports ADD COLUMN boot_id TEXT",
    ]
}
