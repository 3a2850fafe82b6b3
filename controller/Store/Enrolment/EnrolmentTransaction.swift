// SPDX-License-Identifier: Apache-2.0

import Access
import ControllerMetrics
import GRDB
import Jobs

/// What a host may become, decided and written in one transaction.
struct EnrolmentTransaction {
    let db: Database
    let now: Timestamp
    /// Takes the runs that end with an agent.
    let endedRuns: LabelledCounter<RunState>

    // MARK: Requests

    /// Takes in a request.
    func take(_ request: NewEnrolment, _ limits: EnrolmentLimits) throws -> EnrolmentResult {
        if try isRevoked(request.id.text) || isRevoked(request.fingerprint) { return .refused(.revoked) }
        let known = try enrolment(where: "fingerprint = ?", request.fingerprint)
        if let known {
            if known.hostname.lowercased() != request.hostname.lowercased() { return .refused(.otherName) }
            switch known.state {
            // A lost answer: the key has its certificate, and its token was counted.
            case .accepted: return .stands(known, isNew: false)
            case .rejected: return .refused(.rejected)
            case .revoked, .replaced: return .refused(.revoked)
            case .pending: break
            }
        }
        let token: Token?
        switch try self.token(request.secretHash) {
        case .success(let found): token = found
        // Who waits already goes on waiting when his token has ended.
        case .failure where known != nil: token = nil
        case .failure(let refusal): return .refused(refusal.reason)
        }
        let conflict = try isTaken(request.hostname, byOtherThan: request.id)
        if let token, !conflict { return .stands(try admit(request, known, token), isNew: true) }
        if let known { return .stands(known, isNew: false) }
        guard try isRoom(for: request, limits) else { return .refused(.full) }
        return .stands(
            try insert(request, .pending, conflict: conflict, labels: token?.labels ?? "{}", by: nil),
            isNew: true
        )
    }

    private struct Token {
        let key: Int64
        let id: String
        let labels: String
    }

    private struct Refused: Error {
        let reason: EnrolmentRefusal
    }

    /// The token with this secret; nil where none was brought.
    private func token(_ secretHash: String?) throws -> Result<Token?, Refused> {
        guard let secretHash else { return .success(nil) }
        let sql = "SELECT token, id, labels, uses, used, expires_at, revoked_at FROM join_tokens WHERE secret_hash = ?"
        let found = try db.query(sql).with(secretHash).first { row -> Result<Token?, Refused> in
            guard row[6] == nil as Int64? else { return .failure(Refused(reason: .unknownToken)) }
            if now >= Timestamp(milliseconds: row[5]) { return .failure(Refused(reason: .expiredToken)) }
            if (row[4] as Int) >= (row[3] as Int) { return .failure(Refused(reason: .usedToken)) }
            return .success(Token(key: row[0], id: row[1], labels: row[2]))
        }
        return found ?? .failure(Refused(reason: .unknownToken))
    }

    /// Accepts by a token, and counts it.
    private func admit(_ request: NewEnrolment, _ known: Enrolment?, _ token: Token) throws -> Enrolment {
        try db.execute(sql: "UPDATE join_tokens SET used = used + 1 WHERE token = ?", arguments: [token.key])
        let name = "token \(token.id)"
        let host = "\(request.hostname) (\(request.id))"
        try db.append(AuditEntry(time: now, actor: name, action: "enrol", address: request.address, subject: host))
        guard known != nil else {
            let enrolment = try insert(request, .accepted, conflict: false, labels: token.labels, by: name)
            try addKey(request.fingerprint, of: request.id)
            return enrolment
        }
        try db.execute(
            sql: "UPDATE enrolments SET labels = ? WHERE id = ?",
            arguments: [token.labels, request.id.text]
        )
        return try decide(request.id, .accepted, by: name)
    }

    /// Whether another agent has this name, enrolled here or with a certificate from elsewhere.
    private func isTaken(_ hostname: String, byOtherThan id: AgentID) throws -> Bool {
        let sql = """
            SELECT 1 FROM enrolments WHERE hostname = ?1 AND state = 'accepted' AND id <> ?2
            UNION ALL SELECT 1 FROM agents WHERE hostname = ?1 COLLATE NOCASE AND id <> ?2 LIMIT 1
            """
        return try db.query(sql).with(hostname).with(id.text).first { _ in true } ?? false
    }

    private func isRoom(for request: NewEnrolment, _ limits: EnrolmentLimits) throws -> Bool {
        try db.execute(
            sql: "DELETE FROM enrolments WHERE state = 'pending' AND requested_at < ?",
            arguments: [now.milliseconds - limits.pendingLifetime.wholeMilliseconds]
        )
        let all = try Int.fetchOne(db, sql: "SELECT count(*) FROM enrolments WHERE state = 'pending'") ?? 0
        let sql = "SELECT count(*) FROM enrolments WHERE state = 'pending' AND network = ?"
        let here = try Int.fetchOne(db, sql: sql, arguments: [request.network]) ?? 0
        return all < limits.pending && here < limits.pendingPerNetwork
    }

    private func insert(
        _ request: NewEnrolment,
        _ state: EnrolmentState,
        conflict: Bool,
        labels: String,
        by name: String?
    ) throws -> Enrolment {
        let isDecided = state != .pending
        try db.execute(
            sql: """
                INSERT INTO enrolments
                    (id, fingerprint, hostname, state, conflict, labels, address, network, requested_at, decided_at,
                    decided_by)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                request.id.text, request.fingerprint, request.hostname, state.rawValue, conflict, labels,
                request.address, request.network, now.milliseconds, isDecided ? now.milliseconds : nil, name,
            ]
        )
        return try known(request.id)
    }

    // MARK: Decisions

    /// Accepts a request that waits.
    func accept(
        _ id: AgentID,
        labels: [String: String]?,
        by name: String?
    ) throws -> (enrolment: Enrolment, replaced: [AgentID])? {
        guard let waiting = try enrolment(where: "id = ? AND state = 'pending'", id.text) else { return nil }
        if let labels {
            try db.execute(
                sql: "UPDATE enrolments SET labels = ? WHERE id = ?",
                arguments: [try storedJSON(.object(labels.mapValues { .string($0) })), id.text]
            )
        }
        let others = try String.fetchAll(
            db,
            sql: """
                SELECT id FROM enrolments WHERE hostname = ?1 AND state = 'accepted' AND id <> ?2
                UNION SELECT id FROM agents WHERE hostname = ?1 COLLATE NOCASE AND id <> ?2
                """,
            arguments: [waiting.hostname, id.text]
        ).map { AgentID($0) }
        for other in others { _ = try revoke(other, as: .replaced, by: name) }
        return (try decide(id, .accepted, by: name), others)
    }

    /// Rejects a request that waits.
    func reject(_ id: AgentID, by name: String?) throws -> Enrolment? {
        guard try enrolment(where: "id = ? AND state = 'pending'", id.text) != nil else { return nil }
        return try decide(id, .rejected, by: name)
    }

    private func decide(_ id: AgentID, _ state: EnrolmentState, by name: String?) throws -> Enrolment {
        try db.execute(
            sql: "UPDATE enrolments SET state = ?, decided_at = ?, decided_by = ? WHERE id = ?",
            arguments: [state.rawValue, now.milliseconds, name, id.text]
        )
        let enrolment = try known(id)
        if state == .accepted { try addKey(enrolment.fingerprint, of: id) }
        return enrolment
    }

    // MARK: Keys and revocations

    /// How many keys of an agent are remembered; the certificates of older ones have ended.
    private static let keysOfAgent = 16

    /// Notes a key of an agent.
    func addKey(_ fingerprint: String, of id: AgentID) throws {
        try db.execute(
            sql: """
                INSERT INTO agent_keys (fingerprint, agent_id, added_at) VALUES (?1, ?2, ?3)
                ON CONFLICT (fingerprint) DO UPDATE SET added_at = ?3
                """,
            arguments: [fingerprint, id.text, now.milliseconds]
        )
        try db.execute(
            sql: """
                DELETE FROM agent_keys WHERE agent_id = ?1 AND fingerprint NOT IN
                    (SELECT fingerprint FROM agent_keys WHERE agent_id = ?1 ORDER BY added_at DESC LIMIT ?2)
                """,
            arguments: [id.text, Self.keysOfAgent]
        )
    }

    /// Whether a key may become one of this agent's.
    func isFree(_ fingerprint: String, for id: AgentID) throws -> Bool {
        if try isRevoked(id.text) || isRevoked(fingerprint) { return false }
        let sql = """
            SELECT 1 FROM agent_keys WHERE fingerprint = ?1 AND agent_id <> ?2
            UNION ALL SELECT 1 FROM enrolments WHERE fingerprint = ?1 AND id <> ?2
            UNION ALL SELECT 1 FROM agents WHERE id = ?3 AND id <> ?2 LIMIT 1
            """
        let taken = try db.query(sql).with(fingerprint).with(id.text).with(String(fingerprint.prefix(32)))
        return try taken.first { _ in true } == nil
    }

    /// Refuses an agent, its keys and its requests from now on, and gives its runs up.
    ///
    /// - Returns: whether there was anything to refuse.
    func revoke(_ id: AgentID, as state: EnrolmentState, by name: String?) throws -> Bool {
        let transaction = StoreTransaction(db, now: now, counting: endedRuns)
        let wasAgent = try transaction.retire(id)
        try transaction.finish()
        let enrolment = try enrolment(where: "id = ? AND state IN ('accepted', 'pending')", id.text)
        guard wasAgent || enrolment != nil else { return false }
        if enrolment != nil { _ = try decide(id, state, by: name) }
        var subjects = try String.fetchAll(
            db,
            sql: """
                SELECT fingerprint FROM agent_keys WHERE agent_id = ?1
                UNION SELECT fingerprint FROM enrolments WHERE id = ?1
                """,
            arguments: [id.text]
        )
        subjects.append(id.text)
        for subject in subjects {
            try db.execute(
                sql:
                    "INSERT OR IGNORE INTO revocations (subject, agent_id, revoked_at, revoked_by) VALUES (?, ?, ?, ?)",
                arguments: [subject, id.text, now.milliseconds, name]
            )
        }
        return true
    }

    private func isRevoked(_ subject: String) throws -> Bool {
        try db.query("SELECT 1 FROM revocations WHERE subject = ?").with(subject).first { _ in true } ?? false
    }

    // MARK: Reading

    private func enrolment(where condition: String, _ value: String) throws -> Enrolment? {
        try db.query("SELECT \(Enrolment.columns) FROM enrolments WHERE \(condition)").with(value)
            .first(Enrolment.init)
    }

    private func known(_ id: AgentID) throws -> Enrolment {
        guard let enrolment = try enrolment(where: "id = ?", id.text) else {
            throw StoreError(.corrupt, "an enrolment that was written is not there")
        }
        return enrolment
    }
}
