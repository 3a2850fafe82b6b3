// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import GRDB
import Jobs

/// The sixth migration: records as the API has them, and listings by every filter.
///
/// The key of a job is made of its id (``JobID/key``), so that whatever index a listing goes through, it finds jobs in the
/// order of their ids. `job_counts` has the numbers of jobs, `job_errors` those of runs by error; both change in the
/// transactions that move what they count. Of the indexes by host, `runs_by_host` is only ever added to; the other one has
/// the runs that did not complete, and so stays small. `job_labels` has no reference to its jobs: to check it, all labels would
/// be walked through for each job that is taken away.
enum SchemaOfListing {
    static func migrate(_ db: Database) throws {
        for statement in columns + errors { try db.execute(sql: statement) }
        try renumber(db)
        for statement in counts + indexes { try db.execute(sql: statement) }
    }

    private static let columns = [
        "ALTER TABLE jobs RENAME COLUMN submitted_by TO created_by",
        "ALTER TABLE jobs RENAME COLUMN finished_at TO completed_at",
        "ALTER TABLE jobs RENAME COLUMN started_at TO acknowledged_at",
        "ALTER TABLE runs RENAME COLUMN finished_at TO completed_at",
        "ALTER TABLE jobs ADD COLUMN started_at INTEGER",
        "ALTER TABLE jobs ADD COLUMN status_updated_at INTEGER",
        "ALTER TABLE jobs ADD COLUMN changed INTEGER",
        "ALTER TABLE jobs ADD COLUMN labels TEXT",
        "ALTER TABLE jobs ADD COLUMN error_code TEXT",
        "ALTER TABLE jobs ADD COLUMN error_message TEXT",
        "ALTER TABLE jobs ADD COLUMN error_count INTEGER NOT NULL DEFAULT 0",
        """
        UPDATE jobs SET status_updated_at = coalesce(completed_at, acknowledged_at),
            started_at = (SELECT min(r.started_at) FROM runs r WHERE r.job = jobs.job),
            changed = CASE WHEN changed_count > 0 THEN 1 WHEN unchanged_count > 0 THEN 0 END
        """,
    ]

    private static let errors = [
        """
        CREATE TABLE job_errors (
            job INTEGER NOT NULL REFERENCES jobs,
            code TEXT NOT NULL,
            message TEXT NOT NULL,
            number INTEGER NOT NULL CHECK (number >= 0),
            PRIMARY KEY (job, code)
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO job_errors (job, code, message, number)
            SELECT job, coalesce(error_code, state), max(coalesce(error_message, 'the run ended as ' || state)), count(*)
            FROM runs WHERE state IN ('failed', 'timed_out', 'cancelled', 'expired', 'lost') GROUP BY 1, 2
        """,
        """
        UPDATE jobs SET (error_code, error_message, error_count) =
            (SELECT code, message, number FROM job_errors e WHERE e.job = jobs.job ORDER BY number DESC, code LIMIT 1)
        WHERE EXISTS (SELECT 1 FROM job_errors e WHERE e.job = jobs.job)
        """,
        """
        CREATE TABLE job_labels (
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            job INTEGER NOT NULL,
            PRIMARY KEY (name, value, job)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    /// Gives every job the key that its id has.
    ///
    /// References are checked when the migration is at its end.
    private static func renumber(_ db: Database) throws {
        let key = DatabaseFunction("job_key", argumentCount: 1, pure: true) { values in
            try Data.fromDatabaseValue(values[0]).map { try JobID(stored: $0).key }
        }
        db.add(function: key)
        defer { db.remove(function: key) }
        try db.execute(sql: "CREATE TEMP TABLE new_keys (old INTEGER PRIMARY KEY, new INTEGER NOT NULL) STRICT")
        try db.execute(sql: "INSERT INTO new_keys SELECT job, job_key(id) FROM jobs")
        for table in ["run_data", "runs", "events", "job_operations", "job_errors", "orders", "idempotency_keys"] {
            try db.execute(
                sql: """
                    UPDATE \(table) SET job = (SELECT new FROM new_keys WHERE old = job)
                    WHERE job IN (SELECT old FROM new_keys)
                    """
            )
        }
        try db.execute(sql: "UPDATE jobs SET job = (SELECT new FROM new_keys WHERE old = job)")
        try db.execute(sql: "DROP TABLE new_keys")
    }

    private static let counts = [
        """
        CREATE TABLE job_counts (
            operation_type TEXT NOT NULL,
            status TEXT NOT NULL,
            changed INTEGER NOT NULL CHECK (changed IN (-1, 0, 1)),
            number INTEGER NOT NULL CHECK (number >= 0),
            PRIMARY KEY (operation_type, status, changed)
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO job_counts (operation_type, status, changed, number)
            SELECT operation_type, status, coalesce(changed, -1), count(*) FROM jobs WHERE is_deleted = 0 GROUP BY 1, 2, 3
        """,
        "DROP TABLE job_status_counts",
    ]

    /// Each ends in the key of the job, by which a listing goes.
    private static let indexes = [
        "DROP INDEX jobs_by_status",
        "DROP INDEX jobs_by_id",
        "CREATE INDEX jobs_in_order ON jobs (is_deleted)",
        "CREATE INDEX jobs_by_status ON jobs (is_deleted, status)",
        "CREATE INDEX jobs_by_operation ON jobs (is_deleted, operation_type)",
        "CREATE INDEX jobs_by_change ON jobs (is_deleted, changed)",
        "CREATE INDEX jobs_by_creator ON jobs (is_deleted, created_by, status)",
        "CREATE INDEX jobs_by_origin ON jobs (retry_of, is_deleted) WHERE retry_of IS NOT NULL",
        "CREATE INDEX runs_by_host ON runs (hostname COLLATE NOCASE, job)",
        """
        CREATE INDEX uncompleted_runs_by_host ON runs (hostname COLLATE NOCASE, state, job)
            WHERE state <> 'completed'
        """,
        "CREATE INDEX events_with_errors ON events (job, sequence) WHERE error_code IS NOT NULL",
    ]
}
