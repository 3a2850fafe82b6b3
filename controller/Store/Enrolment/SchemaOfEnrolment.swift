// SPDX-License-Identifier: Apache-2.0

/// The fifth migration: who may be an agent.
///
/// An agent may have had several keys (`agent_keys`); `revocations` holds ids of agents (32 digits) and fingerprints of
/// keys (64 digits) alike. Agents whose certificates were issued elsewhere have no row in `enrolments`, and can be
/// revoked all the same.
enum SchemaOfEnrolment {
    static let statements = [
        """
        CREATE TABLE join_tokens (
            token INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            secret_hash TEXT NOT NULL UNIQUE,
            labels TEXT NOT NULL,
            uses INTEGER NOT NULL,
            used INTEGER NOT NULL DEFAULT 0 CHECK (used <= uses),
            created_at INTEGER NOT NULL,
            created_by TEXT,
            expires_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) STRICT
        """,
        """
        CREATE TABLE enrolments (
            enrolment INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            fingerprint TEXT NOT NULL UNIQUE,
            hostname TEXT NOT NULL COLLATE NOCASE,
            state TEXT NOT NULL,
            conflict INTEGER NOT NULL,
            labels TEXT NOT NULL,
            address TEXT NOT NULL,
            network TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            decided_at INTEGER,
            decided_by TEXT
        ) STRICT
        """,
        "CREATE INDEX agents_by_folded_hostname ON agents (hostname COLLATE NOCASE)",
        "CREATE INDEX enrolments_by_hostname ON enrolments (hostname, state)",
        "CREATE INDEX enrolments_by_state ON enrolments (state, enrolment)",
        "CREATE UNIQUE INDEX accepted_hostnames ON enrolments (hostname) WHERE state = 'accepted'",
        "CREATE INDEX pending_enrolments_by_network ON enrolments (network) WHERE state = 'pending'",
        """
        CREATE TABLE agent_keys (
            fingerprint TEXT PRIMARY KEY,
            agent_id TEXT NOT NULL,
            added_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX agent_keys_by_agent ON agent_keys (agent_id, added_at)",
        """
        CREATE TABLE revocations (
            subject TEXT PRIMARY KEY,
            agent_id TEXT NOT NULL,
            revoked_at INTEGER NOT NULL,
            revoked_by TEXT
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
