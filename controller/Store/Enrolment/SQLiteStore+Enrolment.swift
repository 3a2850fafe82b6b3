// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

extension SQLiteStore: EnrolmentStore {
    // MARK: Join tokens

    /// Keeps a new token, and forgets those that ended long ago.
    package func addJoinToken(
        _ token: NewJoinToken,
        limits: EnrolmentLimits,
        now: Timestamp
    ) async throws -> Bool {
        try await write { db in
            let oldest = Timestamp(milliseconds: now.milliseconds - limits.tokenMemory.wholeMilliseconds)
            try db.execute(
                sql: "DELETE FROM join_tokens WHERE expires_at < ?1 OR revoked_at < ?1",
                arguments: [oldest.milliseconds]
            )
            guard try Int.fetchOne(db, sql: "SELECT count(*) FROM join_tokens") ?? 0 < limits.tokens else {
                return false
            }
            let record = token.record
            try db.execute(
                sql: """
                    INSERT INTO join_tokens (id, secret_hash, labels, uses, created_at, created_by, expires_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    record.id, token.secretHash, try storedJSON(.object(record.labels.mapValues { .string($0) })),
                    record.uses, record.createdAt.milliseconds, record.createdBy, record.expiresAt.milliseconds,
                ]
            )
            return true
        }
    }

    /// Every token that is kept, newest first.
    package func joinTokens() async throws -> [JoinTokenRecord] {
        try await read { db in
            let sql = "SELECT \(JoinTokenRecord.columns) FROM join_tokens ORDER BY token DESC"
            return try db.query(sql).all(JoinTokenRecord.init)
        }
    }

    /// Makes a token of no more use.
    package func revokeJoinToken(_ id: String, now: Timestamp) async throws -> JoinTokenRecord? {
        try await write { db in
            try db.execute(
                sql: "UPDATE join_tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?",
                arguments: [now.milliseconds, id]
            )
            let sql = "SELECT \(JoinTokenRecord.columns) FROM join_tokens WHERE id = ?"
            return try db.query(sql).with(id).first(JoinTokenRecord.init)
        }
    }

    // MARK: Requests

    /// Takes in the request of a host to become an agent.
    package func enrol(
        _ request: NewEnrolment,
        limits: EnrolmentLimits,
        now: Timestamp
    ) async throws -> EnrolmentResult {
        try await change(now) { try $0.take(request, limits) }
    }

    /// What is known of requests, newest first.
    package func enrolments(state: EnrolmentState?, limit: Int, offset: Int) async throws -> Page<Enrolment> {
        try await read { db in
            let filter = state == nil ? "" : "WHERE state = ?"
            let arguments: [any SQLValue] = state.map { [$0.rawValue] } ?? []
            let items = try db.query(
                "SELECT \(Enrolment.columns) FROM enrolments \(filter) ORDER BY enrolment DESC LIMIT ? OFFSET ?"
            ).with(all: arguments).with(limit).with(offset).all(Enrolment.init)
            let count = try db.query("SELECT count(*) FROM enrolments \(filter)").with(all: arguments)
            let total = try count.first { $0[0] as Int } ?? 0
            return Page(items: items, total: total, limit: limit, offset: offset)
        }
    }

    /// The requests of hosts of this name that stand so.
    package func enrolments(named hostname: String, state: EnrolmentState) async throws -> [Enrolment] {
        try await read { db in
            let sql = "SELECT \(Enrolment.columns) FROM enrolments WHERE hostname = ? AND state = ? ORDER BY enrolment"
            return try db.query(sql).with(hostname).with(state.rawValue).all(Enrolment.init)
        }
    }

    /// Accepts a request.
    package func accept(
        _ id: AgentID,
        labels: [String: String]?,
        by name: String?,
        now: Timestamp
    ) async throws -> (enrolment: Enrolment, replaced: [AgentID])? {
        try await change(now) { try $0.accept(id, labels: labels, by: name) }
    }

    /// Rejects a request for good.
    package func reject(_ id: AgentID, by name: String?, now: Timestamp) async throws -> Enrolment? {
        try await change(now) { try $0.reject(id, by: name) }
    }

    // MARK: Agents

    /// Notes a key that an agent gets a certificate for.
    package func addKey(_ fingerprint: String, of id: AgentID, now: Timestamp) async throws -> Bool {
        try await change(now) { transaction in
            guard try transaction.isFree(fingerprint, for: id) else { return false }
            try transaction.addKey(fingerprint, of: id)
            return true
        }
    }

    /// Revokes an agent.
    package func revoke(_ id: AgentID, by name: String?, now: Timestamp) async throws -> Bool {
        try await change(now) { try $0.revoke(id, as: .revoked, by: name) }
    }

    /// The ids of agents, and the fingerprints of keys, that are refused.
    package func revocations() async throws -> Set<String> {
        try await read { db in try String.fetchSet(db, sql: "SELECT subject FROM revocations") }
    }

    /// The labels that the controller gives its agents.
    package func grantedLabels() async throws -> [AgentID: [String: String]] {
        try await read { db in
            let sql = "SELECT id, labels FROM enrolments WHERE state = 'accepted' AND labels <> '{}'"
            let pairs = try db.query(sql).all { row in
                (AgentID(row[0]), try row.json(1) ?? [:] as [String: String])
            }
            return Dictionary(pairs, uniquingKeysWith: { $1 })
        }
    }

    private func change<Value: Sendable>(
        _ now: Timestamp,
        _ body: @escaping @Sendable (EnrolmentTransaction) throws -> Value
    ) async throws -> Value {
        try await write { [endedRuns = measured.endedRuns] db in
            try body(EnrolmentTransaction(db: db, now: now, endedRuns: endedRuns))
        }
    }
}
