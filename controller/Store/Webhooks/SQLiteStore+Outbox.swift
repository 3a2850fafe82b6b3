// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

// The outbox: deliveries are made of the feed, in the order of commits, so that whoever moves jobs does nothing for it, and
// nothing is missed by a crash: the place in the feed moves on in the transaction that makes the deliveries.

extension SQLiteStore {
    package func fillOutbox(lines: Int, now: Timestamp) async throws -> Bool {
        // Most of the time there is nothing to do, and a transaction would wake everybody who waits for one.
        guard try await read({ try $0.hasNews() }) else { return false }
        return try await write { db in
            let start = try db.outboxPlace()
            let end = try db.feedEnd()
            let upTo = min(end, start + Int64(lines))
            let news = try db.news(after: start, upTo: upTo)
            try db.tell(news, to: try db.listeningWebhooks(of: nil), now: now)
            for (id, news) in Dictionary(grouping: news, by: \.job.id) {
                try db.tell(news, to: try db.listeningWebhooks(of: id), now: now)
            }
            try db.query("UPDATE meta SET webhook_feed = ?").with(upTo).execute()
            return upTo < end
        }
    }

    package func trimDeliveries(keeping count: Int) async throws {
        try await write { db in
            // A job's own has few, and goes with the job.
            for key in try db.query("SELECT webhook FROM webhooks WHERE job IS NULL").all({ $0[0] as Int64 }) {
                try db.query(
                    """
                    DELETE FROM webhook_deliveries WHERE webhook = ?1 AND state <> 'pending' AND delivery <= (
                        SELECT delivery FROM webhook_deliveries WHERE webhook = ?1
                        ORDER BY delivery DESC LIMIT 1 OFFSET ?2
                    )
                    """
                ).with(key).with(max(0, count)).execute()
            }
        }
    }
}

/// A webhook to which something is sent.
private struct ListeningWebhook {
    let key: Int64
    let events: Set<WebhookEventType>
    let sinceFeed: Int64
    /// The labels that a job must have.
    let labels: [String: String]

    /// The columns that ``init(_:)`` reads.
    static let columns = "webhook, events, since_feed, labels"

    init(_ row: SQLRow) throws {
        key = row[0]
        events = Set(WebhookEventType.stored(row[1]))
        sinceFeed = row[2]
        labels = try row.json(3, as: [String: String].self) ?? [:]
    }

    func wants(_ event: News) -> Bool {
        event.place > sinceFeed && events.contains(event.type)
            && labels.allSatisfy { event.job.labels[$0.key] == $0.value }
    }
}

/// An event that webhooks may be told of.
private struct News {
    let type: WebhookEventType
    /// Its place in the feed.
    let place: Int64
    let job: Job
    let hostname: String?

    /// What names it, so that it is told once.
    var reason: String { "\(type.rawValue) \(job.id)" + (hostname.map { " \($0)" } ?? "") }
}

extension Database {
    fileprivate func outboxPlace() throws -> Int64 {
        try query("SELECT webhook_feed FROM meta").first { $0[0] } ?? 0
    }

    fileprivate func hasNews() throws -> Bool {
        guard try outboxPlace() < feedEnd() else { return false }
        return try hasListeners()
    }

    private func hasListeners() throws -> Bool {
        try query(
            """
            SELECT EXISTS (SELECT 1 FROM webhooks WHERE job IS NULL AND disabled_at IS NULL)
                OR EXISTS (SELECT 1 FROM webhooks WHERE job IS NOT NULL)
            """
        ).first { $0[0] as Bool } ?? false
    }

    /// To be called before a webhook listens: where none does, the outbox stands still, and goes on from now.
    func skipToNow() throws {
        guard try !hasListeners() else { return }
        try query("UPDATE meta SET webhook_feed = ?").with(try feedEnd()).execute()
    }

    /// The webhook of a job, or those that were registered.
    fileprivate func listeningWebhooks(of job: JobID?) throws -> [ListeningWebhook] {
        try query(
            """
            SELECT \(ListeningWebhook.columns) FROM webhooks INDEXED BY webhooks_by_job
            WHERE job IS ? AND disabled_at IS NULL ORDER BY webhook
            """
        ).with(job?.key).all(ListeningWebhook.init)
    }

    fileprivate func tell(_ news: [News], to webhooks: [ListeningWebhook], now: Timestamp) throws {
        for webhook in webhooks {
            for event in news where webhook.wants(event) { try add(event, to: webhook, now: now) }
        }
    }

    /// What the lines of a part of the feed mean for webhooks.
    fileprivate func news(after start: Int64, upTo end: Int64) throws -> [News] {
        let lines = try query(
            """
            SELECT e.feed, j.id, e.event, e.hostname
            FROM events e INDEXED BY events_by_feed CROSS JOIN jobs j ON j.job = e.job
            WHERE e.feed > ? AND e.feed <= ? AND e.feed IS NOT NULL AND j.is_deleted = 0 ORDER BY e.feed
            """
        ).with(start).with(end).all { row in
            (
                place: row[0] as Int64, id: try JobID(stored: row[1]), event: try row.stored(2) as TimelineEvent.Kind,
                hostname: row[3] as String?
            )
        }
        var jobs: [JobID: Job] = [:]
        for id in Set(lines.map(\.id)) { jobs[id] = try job(id) }
        return lines.flatMap { line in
            jobs[line.id].map { Self.news(of: line.event, at: line.place, on: line.hostname, $0) } ?? []
        }
    }

    private static func news(
        of line: TimelineEvent.Kind,
        at place: Int64,
        on hostname: String?,
        _ job: Job
    ) -> [News] {
        var news: [News] = []
        func add(_ type: WebhookEventType, on hostname: String? = nil) {
            news.append(News(type: type, place: place, job: job, hostname: hostname))
        }
        switch line {
        case .submitted: add(.jobSubmitted)
        case .lost:
            add(.agentLost, on: hostname)
            fallthrough
        case .completed, .failed, .skipped, .timedOut, .cancelled, .expired:
            // The job may have come to its end with this line or with a later one: it is told once.
            guard let end = WebhookEventType(endingWith: job.status) else { break }
            add(end)
            if job.changed == true { add(.jobChanged) }
        default: break
        }
        return news
    }

    fileprivate func add(_ news: News, to webhook: ListeningWebhook, now: Timestamp) throws {
        try addDelivery(
            news.type,
            jobID: news.job.id,
            reason: news.reason,
            body: WebhookMessage.text(news.type, at: now, news.job, on: news.hostname),
            to: webhook.key,
            now: now
        )
    }

    /// Puts an event into the outbox, unless it is there or was.
    func addDelivery(
        _ event: WebhookEventType,
        jobID: JobID?,
        reason: String,
        body: String,
        to webhook: Int64,
        now: Timestamp
    ) throws {
        try query(
            """
            INSERT INTO webhook_deliveries
                (webhook, id, event, job_id, reason, body, state, created_at, attempts, next_attempt_at, lane)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', ?7, 0, ?7, (SELECT lane FROM webhooks WHERE webhook = ?1))
            ON CONFLICT (webhook, reason) DO NOTHING
            """
        )
        .with(webhook).with(Self.messageID()).with(event.rawValue).with(jobID?.stored).with(reason).with(body)
        .with(now.milliseconds).execute()
    }

    private static func messageID() -> String {
        let digits = String(Schema.randomID().filter { $0 != "-" }.prefix(24))
        return "msg_\(digits)"
    }
}
