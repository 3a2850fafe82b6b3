// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What deliveries need of an agent.
struct AgentRecord {
    /// Selects what ``init(_:)`` reads of the agent with an id.
    static let selection = """
        SELECT agent, last_delivery, offered_delivery, held_delivery, drained_at IS NOT NULL, ledger_id
        FROM agents CROSS JOIN agent_deliveries USING (agent) WHERE id = ?
        """

    let key: Int64
    /// The highest delivery number given to the agent.
    var last: Int64
    /// Pending runs up to this number may have reached the agent.
    var offered: Int64
    /// Up to which delivery the agent said last that it holds.
    var held: Int64
    /// Whether it takes nothing new.
    let isDrained: Bool
    /// The ledger that it told of last.
    let ledgerID: String?

    init(_ row: SQLRow) {
        key = row[0]
        last = row[1]
        offered = row[2]
        held = row[3]
        isDrained = row[4]
        ledgerID = row[5]
    }
}

extension StoredAgent {
    /// Selects what ``init(_:)`` reads of all agents that have not been replaced, by hostname.
    static let selection = """
        SELECT id, hostname, labels, facts, version, first_seen_at, last_seen_at, last_delivery, drained_at, drained_by,
        drain_reason, certificate_expires_at
        FROM agents CROSS JOIN agent_facts USING (agent) CROSS JOIN agent_deliveries USING (agent)
        WHERE hostname IS NOT NULL ORDER BY hostname
        """

    init(_ row: SQLRow) throws {
        self.init(
            agent: Agent(
                id: AgentID(row[0]),
                hostname: row[1],
                connected: false,
                labels: try row.json(2) ?? [:],
                facts: try row.json(3) ?? [:],
                version: row[4],
                firstSeenAt: Timestamp(milliseconds: row[5]),
                lastSeenAt: Timestamp(milliseconds: row[6]),
                drain: row.time(8).map { AgentDrain(since: $0, by: row[9], reason: row[10]) },
                certificateExpiresAt: row.time(11)
            ),
            lastDelivery: UInt64(clamping: row[7] as Int64)
        )
    }
}
