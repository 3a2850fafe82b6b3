// SPDX-License-Identifier: Apache-2.0

/// The tables of the ledger and their versions.
enum LedgerSchema {
    /// The version that this agent writes.
    static let version: Int64 = 1

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
        try database.run("PRAGMA journal_mode = WAL")
        try database.run("PRAGMA synchronous = FULL")
        try database.run("PRAGMA foreign_keys = ON")
        let found = try database.first("PRAGMA user_version") { $0.integer(0) } ?? 0
        guard found <= version else {
            let message = "has version \(found), and this agent knows \(version): a newer agent wrote it"
            throw LedgerError(code: .newerSchema, message: message)
        }
        if found == 0 { try create(database, newLedgerID: newLedgerID) }
        try checkHealth(database)
    }

    private static func create(_ database: SQLite, newLedgerID: String) throws(LedgerError) {
        try database.transaction { () throws(LedgerError) in
            for table in tables { try database.run(table) }
            try database.run("INSERT INTO meta (name, value) VALUES ('ledger_id', ?)", .text(newLedgerID))
            try database.run("PRAGMA user_version = \(version)")
        }
    }

    private static func checkHealth(_ database: SQLite) throws(LedgerError) {
        let finding = try database.first("PRAGMA quick_check(1)") { $0.text(0) }
        guard finding == "ok" else {
            throw LedgerError(code: .corrupt, message: finding ?? "it cannot be checked")
        }
    }

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
}
