// SPDX-License-Identifier: Apache-2.0

import Jobs

extension Enrolment {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        id, hostname, state, conflict, fingerprint, labels, address, requested_at, decided_at, decided_by
        """

    init(_ row: SQLRow) throws {
        guard let state = EnrolmentState(rawValue: row[2]) else {
            throw StoreError(.corrupt, "the state of an enrolment is none")
        }
        self.init(
            id: AgentID(row[0]),
            hostname: row[1],
            state: state,
            conflict: row[3],
            fingerprint: row[4],
            labels: try row.json(5) ?? [:],
            address: row[6],
            requestedAt: Timestamp(milliseconds: row[7]),
            decidedAt: row.time(8),
            decidedBy: row[9]
        )
    }
}

extension JoinTokenRecord {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = "id, labels, uses, used, created_at, created_by, expires_at, revoked_at"

    init(_ row: SQLRow) throws {
        self.init(
            id: row[0],
            labels: try row.json(1) ?? [:],
            uses: row[2],
            used: row[3],
            createdAt: Timestamp(milliseconds: row[4]),
            createdBy: row[5],
            expiresAt: Timestamp(milliseconds: row[6]),
            revokedAt: row.time(7)
        )
    }
}
