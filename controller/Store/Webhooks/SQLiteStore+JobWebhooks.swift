// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

// Webhooks of jobs: rows beside those that were registered, so that they have the same outbox, and are told by the same service.

extension SQLiteStore {
    /// The webhook of a job with its secret; nil where it has none.
    package func webhook(of id: JobID) async throws -> NewJobWebhook? {
        try await read { db in
            try db.query("SELECT id, url, events, secret, lane FROM webhooks WHERE job = ?").with(id.key).first { row in
                NewJobWebhook(
                    shown: JobWebhook(
                        id: row[0],
                        receiver: String((row[4] as String).dropFirst(WebhookLane.prefixOfJobs.count)),
                        events: WebhookEventType.stored(row[2])
                    ),
                    url: row[1],
                    secret: row[3]
                )
            }
        }
    }
}

/// The names of lanes: the id of a registered webhook, or this and the host that webhooks of jobs are sent to.
enum WebhookLane {
    /// With it no host is taken for the id of a webhook.
    static let prefixOfJobs = "job "
    /// What comes behind all lanes with the prefix.
    static let endOfJobs = "job!"
    /// How many lanes of jobs are looked at in one go: any number of hosts may be named.
    static let maximumLanes = 1000
}

extension Database {
    /// Commits the webhook of a job; to be called before the first line of its timeline is there.
    func insert(_ webhook: NewJobWebhook, of job: NewJob) throws {
        try skipToNow()
        try query(
            """
            INSERT INTO webhooks (id, url, events, secret, created_at, created_by, since_feed, job, lane)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        .with(webhook.shown.id).with(webhook.url).with(WebhookEventType.text(webhook.shown.events))
        .with(webhook.secret).with(job.createdAt.milliseconds).with(job.createdBy).with(try feedEnd())
        .with(job.id.key).with(WebhookLane.prefixOfJobs + webhook.shown.receiver).execute()
    }

    /// What is due for webhooks of jobs: of each lane the oldest, lane after lane, and more of each where there is room.
    ///
    /// - Parameters:
    ///   - limit: how many at most.
    ///   - ofLane: how many of a lane at most.
    ///   - lane: behind which to begin; behind the last one comes the first.
    ///   - now: the controller's time.
    /// - Returns: what is due, and the lane that was looked at last.
    /// - Throws: what the database says.
    func dueOfJobs(
        limit: Int,
        ofLane: Int,
        after lane: String,
        now: Timestamp
    ) throws -> (due: [DuePlace], lane: String) {
        let start = max(lane, WebhookLane.prefixOfJobs)
        var (place, end) = (start, WebhookLane.endOfJobs)
        var lanes: [[DuePlace]] = []
        var looked = 0
        while lanes.count < limit, looked < WebhookLane.maximumLanes {
            guard let next = try laneOfJobs(after: place, before: end) else {
                guard end == WebhookLane.endOfJobs, start > WebhookLane.prefixOfJobs else { break }
                // Round to where it began; the one before that place is the last.
                (place, end) = (WebhookLane.prefixOfJobs, start + "\u{0}")
                continue
            }
            looked += 1
            place = next.lane
            guard next.time <= now.milliseconds else { continue }
            let due = try dueDeliveries(in: next.lane, limit: ofLane, now: now)
            if !due.isEmpty { lanes.append(due) }
        }
        var due: [DuePlace] = []
        for turn in 0..<max(0, ofLane) {
            due += lanes.lazy.filter { $0.count > turn }.map { $0[turn] }.prefix(limit - due.count)
        }
        return (due, place)
    }

    /// The next lane of jobs in which something is to be sent, and when the first of that is.
    private func laneOfJobs(after lane: String, before end: String) throws -> (lane: String, time: Int64)? {
        try query(
            """
            SELECT lane, next_attempt_at FROM webhook_deliveries INDEXED BY webhook_deliveries_by_lane
            WHERE lane > ? AND lane < ? AND next_attempt_at IS NOT NULL ORDER BY lane, next_attempt_at LIMIT 1
            """
        ).with(lane).with(end).first { (lane: $0[0], time: $0[1]) }
    }

    /// Deletes the webhook of a job, with what it has not been told.
    func deleteWebhook(ofJob key: Int64) throws {
        try query("DELETE FROM webhooks WHERE job = ?").with(key).execute()
    }

    /// Gives up what is pending for the webhook of a job that is given up: nobody enables it, and it would lie in its lane.
    func giveUpPending(ofJobWebhookWith delivery: String, why: String) throws {
        try query(
            """
            UPDATE webhook_deliveries SET state = 'failed', next_attempt_at = NULL, last_error = ?
            WHERE state = 'pending' AND webhook = (
                SELECT w.webhook FROM webhook_deliveries d JOIN webhooks w ON w.webhook = d.webhook
                WHERE d.id = ? AND w.job IS NOT NULL
            )
            """
        ).with(why).with(delivery).execute()
    }
}
