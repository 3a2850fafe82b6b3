// SPDX-License-Identifier: Apache-2.0

/// The third migration: what cancelling, retrying, draining and deleting need.
///
/// A job that is deleted is hidden in one step (`is_deleted`) and taken away in small ones. `orders` are deliveries that
/// are no runs; they share the numbers of their agent with the runs.
enum SchemaOfOrders {
    static let statements = jobs + agents + orders + idempotencyKeys

    private static let jobs = [
        "ALTER TABLE jobs ADD COLUMN retry_max_attempts INTEGER",
        "ALTER TABLE jobs ADD COLUMN retry_backoff_ms INTEGER",
        "ALTER TABLE jobs ADD COLUMN on_interrupt TEXT NOT NULL DEFAULT 'fail'",
        "ALTER TABLE jobs ADD COLUMN parallel INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN is_exclusive INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN awaits_go INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN retry_of BLOB",
        "ALTER TABLE jobs ADD COLUMN cancel_requested_at INTEGER",
        "ALTER TABLE jobs ADD COLUMN cancel_requested_by TEXT",
        "ALTER TABLE jobs ADD COLUMN cancel_reason TEXT",
        "ALTER TABLE jobs ADD COLUMN is_deleted INTEGER NOT NULL DEFAULT 0",
        "DROP INDEX jobs_by_status",
        "CREATE INDEX jobs_by_status ON jobs (is_deleted, status, id)",
        "CREATE INDEX jobs_by_id ON jobs (is_deleted, id)",
        "CREATE INDEX finished_jobs ON jobs (finished_at) WHERE finished_at IS NOT NULL AND is_deleted = 0",
        "CREATE INDEX deleted_jobs ON jobs (job) WHERE is_deleted = 1",
        "CREATE INDEX unacknowledged_any ON jobs (job) WHERE awaits_go = 1 AND status = 'submitted'",
    ]

    private static let agents = [
        "ALTER TABLE agents ADD COLUMN ledger_id TEXT",
        "ALTER TABLE agents ADD COLUMN drained_at INTEGER",
        "ALTER TABLE agents ADD COLUMN drained_by TEXT",
        "ALTER TABLE agents ADD COLUMN drain_reason TEXT",
        "ALTER TABLE meta ADD COLUMN boot_id TEXT",
        "ALTER TABLE meta ADD COLUMN clock_offset INTEGER",
    ]

    private static let orders = [
        """
        CREATE TABLE orders (
            agent INTEGER NOT NULL REFERENCES agents,
            delivery INTEGER NOT NULL,
            job INTEGER NOT NULL REFERENCES jobs,
            kind TEXT NOT NULL CHECK (kind IN ('cancel', 'go')),
            grace_ms INTEGER,
            requested_by TEXT,
            PRIMARY KEY (agent, delivery)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX orders_by_job ON orders (job)",
    ]

    /// A key outlives its job, so that asking again does not execute anew what was executed and deleted.
    private static let idempotencyKeys = [
        """
        CREATE TABLE new_idempotency_keys (
            owner TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            job INTEGER REFERENCES jobs,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (owner, key)
        ) STRICT, WITHOUT ROWID
        """,
        "INSERT INTO new_idempotency_keys SELECT owner, key, fingerprint, job, created_at FROM idempotency_keys",
        "DROP TABLE idempotency_keys",
        "ALTER TABLE new_idempotency_keys RENAME TO idempotency_keys",
        "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
        "CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job)",
    ]
}
