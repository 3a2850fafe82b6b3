// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

/// The kinds of deliveries that are no runs.
enum OrderKind: String {
    case cancel
    case go
}

extension StoreTransaction {
    /// Gives the agent of a run an order about it.
    func insertOrder(
        _ kind: OrderKind,
        for record: RunRecord,
        grace: Duration? = nil,
        requestedBy: String? = nil
    ) throws {
        let number = try nextDelivery(to: record.run.agentID)
        try db.cachedStatement(
            sql: "INSERT INTO orders (agent, delivery, job, kind, grace_ms, requested_by) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            record.agent, number, record.job, kind.rawValue, grace?.wholeMilliseconds, requestedBy,
        ])
    }

    /// The orders that an agent does not hold, by their numbers.
    func orders(of agent: AgentRecord, above held: Int64, limit: Int) throws -> [Delivery] {
        let query = try db.query(
            """
            SELECT delivery, job, kind, grace_ms, requested_by FROM orders
            WHERE agent = ? AND delivery > ? ORDER BY delivery LIMIT ?
            """
        )
        return try query.with(agent.key).with(held).with(limit).all { row in
            let jobID = try progress(of: row[1]).id
            let number = UInt64(clamping: row[0] as Int64)
            switch try row.stored(2, as: OrderKind.self) {
            case .go: return .go(GoOrder(jobID: jobID, delivery: number))
            case .cancel:
                let grace = (row[3] as Int64?).map { Duration.milliseconds($0) }
                return .cancel(CancelOrder(jobID: jobID, delivery: number, grace: grace, requestedBy: row[4]))
            }
        }
    }

    /// Takes in that orders are on the disk of their agent, or are refused by it.
    ///
    /// Each is taken in once, since it is gone with that; so what an agent says of others it has refused changes nothing.
    func ordersArrived(at agent: AgentRecord, upTo delivery: Int64, refused: [RefusedOrder]) throws {
        let arrived = try db.query(
            "SELECT delivery, job, kind FROM orders WHERE agent = ? AND delivery <= ? ORDER BY delivery"
        ).with(agent.key).with(delivery)
            .all { (number: $0[0] as Int64, job: $0[1] as Int64, kind: try $0.stored(2, as: OrderKind.self)) }
        guard !arrived.isEmpty else { return }
        for order in arrived {
            let jobID = try progress(of: order.job).id
            let refusal = refused.first { $0.delivery == UInt64(clamping: order.number) && $0.jobID == jobID }
            guard refusal != nil || order.kind == .cancel else { continue }
            let hostname = try run(of: order.job, on: agent.key)?.run.hostname
            if let error = refusal?.error {
                let text = TimelineText.refused(order.kind, error)
                try append(.orderRefused, hostname: hostname, message: text, error: error, toJob: order.job)
            } else {
                try append(.cancelDelivered, hostname: hostname, toJob: order.job)
            }
        }
        try db.cachedStatement(sql: "DELETE FROM orders WHERE agent = ? AND delivery <= ?")
            .execute(arguments: [agent.key, delivery])
    }

    /// Withdraws the pending runs that an agent does not hold and that were asked to be cancelled, with their orders.
    func withdrawCancelled(of agent: AgentRecord, above delivery: Int64) throws {
        guard delivery < agent.last else { return }
        let query = try db.query("SELECT job FROM orders WHERE agent = ? AND delivery > ? AND kind = 'cancel'")
        for job: Int64 in try query.with(agent.key).with(delivery).all({ $0[0] }) {
            let run = try run(of: job, on: agent.key)
            guard let run, run.run.state == .pending, run.delivery > delivery else { continue }
            try apply(.withdrawn, to: run)
            try db.cachedStatement(sql: "DELETE FROM orders WHERE agent = ? AND delivery > ? AND job = ?")
                .execute(arguments: [agent.key, delivery, job])
        }
    }

    // MARK: Cancelling

    /// Withdraws what no agent can have seen, and gives an order to each agent that may hold or run the rest.
    func cancel(_ key: Int64, _ request: NewCancel) throws {
        try db.cachedStatement(
            sql: """
                UPDATE jobs SET cancel_requested_at = ?, cancel_requested_by = ?, cancel_reason = ? WHERE job = ?
                """
        ).execute(arguments: [now.milliseconds, request.requestedBy, request.reason, key])
        try noteCancelRequest(of: key)
        try append(.cancelRequested, message: request.text, toJob: key)
        try db.cachedStatement(sql: "DELETE FROM orders WHERE job = ?").execute(arguments: [key])
        let open = try runs(where: "r.job = ? AND r.state IN ('pending', 'acknowledged', 'started')", [key])
        for run in open {
            let agent = try agent(run.run.agentID)
            if run.run.state == .pending, run.delivery > agent?.offered ?? 0 {
                try apply(.withdrawn, to: run)
            } else {
                try insertOrder(.cancel, for: run, grace: request.grace, requestedBy: request.requestedBy)
            }
        }
    }
}

extension NewCancel {
    /// The sentence of the timeline.
    fileprivate var text: String {
        let who = requestedBy.map { "by \($0)" }
        return [who, reason].compactMap(\.self).joined(separator: ": ")
    }
}
