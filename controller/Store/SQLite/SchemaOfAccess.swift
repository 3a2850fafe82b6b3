// SPDX-License-Identifier: Apache-2.0

/// The fourth migration: keys of the API, and the audit log.
///
/// The audit log can only be appended to; `hash` and `previous_hash` make a chain of it, which would also tell of a change that
/// was made past these triggers.
enum SchemaOfAccess {
    static let statements = keys + audit

    private static let keys = [
        """
        CREATE TABLE api_keys (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
            scopes TEXT NOT NULL,
            target TEXT,
            operations TEXT,
            created_at INTEGER NOT NULL,
            created_by TEXT,
            expires_at INTEGER,
            last_used_at INTEGER,
            revoked_at INTEGER,
            revoked_by TEXT
        ) STRICT
        """,
        "CREATE UNIQUE INDEX api_keys_in_force ON api_keys (name) WHERE revoked_at IS NULL",
    ]

    private static let audit = [
        """
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            actor TEXT,
            key_id TEXT,
            action TEXT NOT NULL,
            outcome TEXT NOT NULL,
            code TEXT,
            address TEXT,
            request_id TEXT,
            job_id TEXT,
            subject TEXT,
            detail TEXT,
            count INTEGER NOT NULL,
            previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT
        """,
        """
        CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'lines of the audit log are not changed'); END
        """,
        """
        CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'lines of the audit log are not deleted'); END
        """,
    ]
}
