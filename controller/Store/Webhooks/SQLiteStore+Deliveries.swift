// SPDX-License-Identifier: Apache-2.0

package import Access
import FoundationEssentials
import GRDB
package import Jobs

extension SQLiteStore {
    package func addTest(to id: String, now: Timestamp, audit: AuditEntry) async throws -> WebhookDelivery? {
        try await write { db in
            guard let key = try db.webhookKey(id) else { return nil }
            let type = WebhookEventType.webhookTest
            let reason = "\(type.rawValue) \(Schema.randomID())"
            let body = WebhookMessage.text(type, at: now, data: ["webhook_id": .string(id)])
            try db.addDelivery(type, jobID: nil, reason: reason, body: body, to: key, now: now)
            try db.append(audit)
            return try db.query(
                "SELECT \(WebhookDelivery.columns) FROM webhook_deliveries WHERE webhook = ? AND reason = ?"
            ).with(key).with(reason).first(WebhookDelivery.init)
        }
    }

    package func deliveries(
        of id: String,
        state: WebhookDelivery.State?,
        after number: Int64?,
        limit: Int
    ) async throws -> [(number: Int64, delivery: WebhookDelivery)]? {
        try await read { db in
            guard let key = try db.webhookKey(id) else { return nil }
            let index = state == nil ? "webhook_deliveries_by_webhook" : "webhook_deliveries_by_state"
            let ofState = state == nil ? "" : "AND state = ?3"
            let query = try db.query(
                """
                SELECT \(WebhookDelivery.columns), delivery FROM webhook_deliveries INDEXED BY \(index)
                WHERE webhook = ?1 AND delivery < ?2 \(ofState) ORDER BY delivery DESC LIMIT \(max(0, limit))
                """
            ).with(key).with(number ?? .max)
            return try (state.map { query.with($0.rawValue) } ?? query).all { row in
                (row[WebhookDelivery.columnCount], try WebhookDelivery(row))
            }
        }
    }

    package func replay(
        _ delivery: String,
        of id: String,
        now: Timestamp,
        audit: AuditEntry
    ) async throws -> WebhookDelivery? {
        try await write { db in
            try db.query(
                """
                UPDATE webhook_deliveries SET state = 'pending', attempts = 0, next_attempt_at = ?
                WHERE id = ? AND webhook = (SELECT webhook FROM webhooks WHERE id = ?)
                """
            ).with(now.milliseconds).with(delivery).with(id).execute()
            guard db.changesCount > 0 else { return nil }
            try db.append(audit)
            return try db.query("SELECT \(WebhookDelivery.columns) FROM webhook_deliveries WHERE id = ?")
                .with(delivery).first(WebhookDelivery.init)
        }
    }

    package func dueDeliveries(
        limit: Int,
        ofLane: Int,
        after lane: String,
        now: Timestamp
    ) async throws -> DueDeliveries {
        try await read { db in
            let limit = max(0, limit)
            let registered = try db.dueOfRegistered(ofLane: ofLane, now: now)
            let room = max(limit / 2, limit - registered.count)
            let (ofJobs, lane) = try db.dueOfJobs(limit: room, ofLane: ofLane, after: lane, now: now)
            let due = registered.prefix(limit - ofJobs.count) + ofJobs
            let deliveries = try due.sorted { $0 < $1 }.compactMap { try db.dueDelivery($0.key, now: now) }
            return DueDeliveries(deliveries, lane: lane)
        }
    }

    package func nextDeliveryTime() async throws -> Timestamp? {
        try await read { db in
            try db.query(
                """
                SELECT d.next_attempt_at FROM webhook_deliveries d INDEXED BY due_webhook_deliveries
                CROSS JOIN webhooks w ON w.webhook = d.webhook
                WHERE d.next_attempt_at IS NOT NULL AND w.disabled_at IS NULL ORDER BY d.next_attempt_at LIMIT 1
                """
            ).first { Timestamp(milliseconds: $0[0]) }
        }
    }

    /// How many deliveries have not been taken yet, counted in an index that has no others.
    func pendingDeliveries() async throws -> Int {
        try await read { db in
            try db.query(
                """
                SELECT count(*) FROM webhook_deliveries INDEXED BY due_webhook_deliveries
                WHERE next_attempt_at IS NOT NULL
                """
            ).first { $0[0] } ?? 0
        }
    }

    package func recordDeliveries(_ outcomes: [DeliveryOutcome], now: Timestamp) async throws {
        guard !outcomes.isEmpty else { return }
        try await write { db in
            for outcome in outcomes { try db.record(outcome, now: now) }
        }
    }
}

/// When a delivery is due, and its key.
typealias DuePlace = (time: Int64, key: Int64)

extension Database {
    /// What is due for webhooks that were registered and are not given up, of which there are few, the oldest first.
    fileprivate func dueOfRegistered(ofLane: Int, now: Timestamp) throws -> [DuePlace] {
        let lanes = try query(
            "SELECT lane FROM webhooks INDEXED BY webhooks_by_job WHERE job IS NULL AND disabled_at IS NULL"
        ).all { $0[0] as String }
        return try lanes.flatMap { try dueDeliveries(in: $0, limit: ofLane, now: now) }.sorted { $0 < $1 }
    }

    /// The first that are due in a lane.
    func dueDeliveries(in lane: String, limit: Int, now: Timestamp) throws -> [DuePlace] {
        try query(
            """
            SELECT d.next_attempt_at, d.delivery FROM webhook_deliveries d INDEXED BY webhook_deliveries_by_lane
            CROSS JOIN webhooks w ON w.webhook = d.webhook
            WHERE d.lane = ? AND d.next_attempt_at <= ? AND d.next_attempt_at IS NOT NULL AND w.disabled_at IS NULL
            ORDER BY d.next_attempt_at LIMIT ?
            """
        ).with(lane).with(now.milliseconds).with(max(0, limit)).all { (time: $0[0], key: $0[1]) }
    }

    fileprivate func dueDelivery(_ key: Int64, now: Timestamp) throws -> DueDelivery? {
        try query(
            """
            SELECT d.id, w.id, w.url, w.secret, w.previous_secret, w.previous_secret_until, d.body, d.attempts, d.lane,
                (SELECT j.traceparent FROM jobs j WHERE j.id = d.job_id)
            FROM webhook_deliveries d JOIN webhooks w ON w.webhook = d.webhook WHERE d.delivery = ?
            """
        ).with(key).first { row in
            let isPreviousGood = row.time(5).map { now < $0 } ?? false
            let previous: String? = isPreviousGood ? row[4] : nil
            return DueDelivery(
                id: row[0],
                webhookID: row[1],
                lane: row[8],
                url: row[2],
                secrets: [row[3]] + [previous].compactMap(\.self),
                body: row[6],
                attempts: row[7],
                trace: (row[9] as String?).flatMap(TraceContext.init)
            )
        }
    }

    fileprivate func webhookKey(_ id: String) throws -> Int64? {
        try query("SELECT webhook FROM webhooks WHERE id = ?").with(id).first { $0[0] }
    }

    fileprivate func record(_ outcome: DeliveryOutcome, now: Timestamp) throws {
        var next: Timestamp?
        var state = WebhookDelivery.State.failed
        switch outcome.next {
        case .delivered: state = .delivered
        case .again(let time): (state, next) = (.pending, time)
        case .failed: break
        case .disabled(let reason):
            try query(
                """
                UPDATE webhooks SET disabled_at = ?, disabled_reason = ?
                WHERE webhook = (SELECT webhook FROM webhook_deliveries WHERE id = ?)
                """
            ).with(now.milliseconds).with(reason).with(outcome.id).execute()
            try giveUpPending(ofJobWebhookWith: outcome.id, why: reason)
        }
        try query(
            """
            UPDATE webhook_deliveries SET state = ?, attempts = attempts + 1, next_attempt_at = ?, last_attempt_at = ?,
                last_status = ?, last_error = ? WHERE id = ?
            """
        )
        .with(state.rawValue).with(next?.milliseconds).with(now.milliseconds).with(outcome.status).with(outcome.error)
        .with(outcome.id).execute()
    }
}

extension WebhookDelivery {
    /// The columns that ``init(_:)`` reads.
    fileprivate static let columns = """
        id, event, job_id, state, created_at, attempts, next_attempt_at, last_attempt_at, last_status, last_error
        """
    fileprivate static let columnCount = 10

    fileprivate init(_ row: SQLRow) throws {
        let job: Data? = row[2]
        self.init(
            id: row[0],
            event: try row.stored(1),
            jobID: try job.map(JobID.init(stored:)),
            state: try row.stored(3),
            createdAt: Timestamp(milliseconds: row[4]),
            attempts: row[5],
            nextAttemptAt: row.time(6),
            lastAttemptAt: row.time(7),
            lastStatus: row[8],
            lastError: row[9]
        )
    }
}
