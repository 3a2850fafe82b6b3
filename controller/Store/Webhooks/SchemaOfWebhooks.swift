// SPDX-License-Identifier: Apache-2.0

/// The migration for webhooks.
///
/// `meta.webhook_feed` is the place in the feed up to which deliveries have been made of it. A webhook is told of what comes
/// after its own `since_feed`. `reason` keeps an event from being told twice: it names the event within the webhook.
enum SchemaOfWebhooks {
    static let statements = [
        "ALTER TABLE meta ADD COLUMN webhook_feed INTEGER NOT NULL DEFAULT 0",
        """
        CREATE TABLE webhooks (
            webhook INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            url TEXT NOT NULL,
            events TEXT NOT NULL,
            secret TEXT NOT NULL,
            previous_secret TEXT,
            previous_secret_until INTEGER,
            created_at INTEGER NOT NULL,
            created_by TEXT,
            disabled_at INTEGER,
            disabled_reason TEXT,
            since_feed INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE webhook_deliveries (
            delivery INTEGER PRIMARY KEY AUTOINCREMENT,
            webhook INTEGER NOT NULL REFERENCES webhooks ON DELETE CASCADE,
            id TEXT NOT NULL UNIQUE,
            event TEXT NOT NULL,
            job_id BLOB,
            reason TEXT NOT NULL,
            body TEXT NOT NULL,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            next_attempt_at INTEGER,
            last_attempt_at INTEGER,
            last_status INTEGER,
            last_error TEXT,
            UNIQUE (webhook, reason)
        ) STRICT
        """,
        "CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook, delivery)",
        "CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (webhook, state, delivery)",
        """
        CREATE INDEX due_webhook_deliveries ON webhook_deliveries (next_attempt_at)
            WHERE next_attempt_at IS NOT NULL
        """,
    ]
}
