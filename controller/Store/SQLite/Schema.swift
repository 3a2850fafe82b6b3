// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

/// The tables of the embedded store, as a series of migrations that is only ever added to.
///
/// Times are milliseconds UTC. Large texts (parameters, data of runs) have tables of their own, so that the rows which
/// change often stay small.
enum Schema {
    /// All migrations; a database that knows others was written by a newer version.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: jobs, runs, agents") { db in
            for statement in agents + jobs + runs + timeline { try db.execute(sql: statement) }
            try db.execute(
                sql: "INSERT INTO meta (only_row, store_id, write_checks) VALUES (1, ?, 0)",
                arguments: [randomID()]
            )
        }
        migrator.registerMigration("2: idempotency keys") { db in
            for statement in idempotencyKeys { try db.execute(sql: statement) }
        }
        migrator.registerMigration("3: orders, drains, deletion") { db in
            for statement in SchemaOfOrders.statements { try db.execute(sql: statement) }
        }
        migrator.registerMigration("4: API keys and audit") { db in
            for statement in SchemaOfAccess.statements { try db.execute(sql: statement) }
        }
        migrator.registerMigration("5: enrolment") { db in
            for statement in SchemaOfEnrolment.statements { try db.execute(sql: statement) }
        }
        migrator.registerMigration("6: ends of certificates") { db in
            try db.execute(sql: "ALTER TABLE agents ADD COLUMN certificate_expires_at INTEGER")
        }
        migrator.registerMigration("7: records and listings") { db in try SchemaOfListing.migrate(db) }
        migrator.registerMigration("8: feed") { db in
            for statement in SchemaOfFeed.statements { try db.execute(sql: statement) }
        }
        migrator.registerMigration("9: webhooks") { db in
            for statement in SchemaOfWebhooks.statements { try db.execute(sql: statement) }
        }
        migrator.registerMigration("10: digests of results") { db in
            for statement in digests { try db.execute(sql: statement) }
        }
        migrator.registerMigration("11: label filters of webhooks") { db in
            for statement in SchemaOfJobWebhooks.statements { try db.execute(sql: statement) }
        }
        migrator.registerMigration("12: dry runs") { db in
            try db.execute(sql: "ALTER TABLE jobs ADD COLUMN dry_run INTEGER NOT NULL DEFAULT 0")
        }
        migrator.registerMigration("13: objects") { db in
            for statement in SchemaOfObjects.statements { try db.execute(sql: statement) }
        }
        migrator.registerMigration("14: hosts that start again") { db in
            try db.execute(sql: "ALTER TABLE runs ADD COLUMN awaited_until INTEGER")
        }
        migrator.registerMigration("15: facts and deliveries of agents") { db in
            for statement in SchemaOfAgents.statements { try db.execute(sql: statement) }
        }
        return migrator
    }

    /// What stands for the results of runs, and an index through which they are grouped without a look at the runs.
    ///
    /// Only runs that have ended have a digest, so that an entry is written once.
    private static let digests = [
        "ALTER TABLE runs ADD COLUMN digest BLOB",
        """
        CREATE INDEX runs_by_digest ON runs (job, digest, hostname, state, changed, error_code)
            WHERE digest IS NOT NULL
        """,
    ]

    static func randomID() -> String {
        JobID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)).description
    }

    /// The store itself, and the agents.
    ///
    /// `hostname` is null for an agent whose place another one has taken; its row stays, since runs refer to it.
    /// `offered_delivery`: pending runs up to this number may have reached the agent. Facts and numbers of deliveries go to tables of
    /// their own later (``SchemaOfAgents``).
    private static let agents = [
        """
        CREATE TABLE meta (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            store_id TEXT NOT NULL,
            write_checks INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE agents (
            agent INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            hostname TEXT UNIQUE,
            labels TEXT NOT NULL,
            facts TEXT NOT NULL,
            version TEXT NOT NULL,
            first_seen_at INTEGER NOT NULL,
            last_seen_at INTEGER NOT NULL,
            last_delivery INTEGER NOT NULL DEFAULT 0,
            offered_delivery INTEGER NOT NULL DEFAULT 0,
            held_delivery INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
    ]

    private static let idempotencyKeys = [
        """
        CREATE TABLE idempotency_keys (
            owner TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            job INTEGER NOT NULL REFERENCES jobs,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (owner, key)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
    ]

    private static let jobs = [
        """
        CREATE TABLE jobs (
            job INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            status TEXT NOT NULL,
            operation_type TEXT NOT NULL,
            target TEXT NOT NULL,
            note TEXT,
            submitted_by TEXT,
            created_at INTEGER NOT NULL,
            deadline_at INTEGER NOT NULL,
            hard_end_at INTEGER NOT NULL,
            next_check_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            \(RunState.allCases.map { "\($0.rawValue) INTEGER NOT NULL CHECK (\($0.rawValue) >= 0)" }
                .joined(separator: ",\n    ")),
            changed_count INTEGER NOT NULL,
            unchanged_count INTEGER NOT NULL,
            timeline_count INTEGER NOT NULL,
            timeline_time INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX jobs_by_status ON jobs (status, id)",
        "CREATE INDEX open_jobs_by_next_check ON jobs (next_check_at) WHERE finished_at IS NULL",
        "CREATE TABLE job_operations (job INTEGER PRIMARY KEY REFERENCES jobs, data TEXT NOT NULL) STRICT",
        "CREATE TABLE job_status_counts (status TEXT PRIMARY KEY, number INTEGER NOT NULL CHECK (number >= 0)) STRICT",
    ]

    private static let runs = [
        """
        CREATE TABLE runs (
            job INTEGER NOT NULL REFERENCES jobs,
            agent INTEGER NOT NULL REFERENCES agents,
            hostname TEXT NOT NULL,
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            delivery INTEGER NOT NULL,
            changed INTEGER,
            error_code TEXT,
            error_message TEXT,
            acknowledged_at INTEGER,
            started_at INTEGER,
            finished_at INTEGER,
            PRIMARY KEY (job, agent)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX runs_by_hostname ON runs (job, hostname)",
        "CREATE INDEX runs_by_state ON runs (job, state, hostname)",
        "CREATE INDEX pending_runs ON runs (agent, delivery) WHERE state = 'pending'",
        "CREATE INDEX open_runs ON runs (agent) WHERE state IN ('acknowledged', 'started')",
        """
        CREATE TABLE run_data (
            job INTEGER NOT NULL,
            agent INTEGER NOT NULL,
            data TEXT NOT NULL,
            PRIMARY KEY (job, agent),
            FOREIGN KEY (job, agent) REFERENCES runs
        ) STRICT
        """,
    ]

    private static let timeline = [
        """
        CREATE TABLE events (
            job INTEGER NOT NULL REFERENCES jobs,
            sequence INTEGER NOT NULL,
            time INTEGER NOT NULL,
            event TEXT NOT NULL,
            hostname TEXT,
            message TEXT,
            error_code TEXT,
            error_message TEXT,
            PRIMARY KEY (job, sequence)
        ) STRICT, WITHOUT ROWID
        """
    ]
}
