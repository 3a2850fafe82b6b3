// SPDX-License-Identifier: Apache-2.0

/// The eleventh migration: webhooks that are told of some jobs only, by their labels, or of one job.
///
/// `webhooks.job` is the key of the job that a webhook belongs to, null for one that was registered; it is no reference, since the
/// webhook goes when the job is hidden and not when its rows are taken away. `lane` names what is sent to one after another, so
/// that nobody's dead receiver keeps others waiting: a registered webhook, or the host that webhooks of jobs are sent to (``WebhookLane``). The record
/// of a job shows `jobs.webhook`, so that listings read nothing else.
///
/// `jobs.traceparent` is the place in a trace at which a job was asked for, as W3C Trace Context writes it.
enum SchemaOfJobWebhooks {
    static let statements = [
        "ALTER TABLE webhooks ADD COLUMN labels TEXT",
        "ALTER TABLE webhooks ADD COLUMN job INTEGER",
        "ALTER TABLE webhooks ADD COLUMN lane TEXT NOT NULL DEFAULT ''",
        "UPDATE webhooks SET lane = id",
        "CREATE INDEX webhooks_by_job ON webhooks (job)",
        "ALTER TABLE webhook_deliveries ADD COLUMN lane TEXT NOT NULL DEFAULT ''",
        """
        UPDATE webhook_deliveries SET lane =
            (SELECT lane FROM webhooks w WHERE w.webhook = webhook_deliveries.webhook)
        """,
        """
        CREATE INDEX webhook_deliveries_by_lane ON webhook_deliveries (lane, next_attempt_at)
            WHERE next_attempt_at IS NOT NULL
        """,
        "ALTER TABLE jobs ADD COLUMN webhook TEXT",
        "ALTER TABLE jobs ADD COLUMN traceparent TEXT",
    ]
}
