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
