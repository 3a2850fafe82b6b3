// SPDX-License-Identifier: Apache-2.0

package import Access
import FoundationEssentials
import GRDB
package import Jobs

extension SQLiteStore: WebhookStore {
    package func create(_ webhook: StoredWebhook, audit: AuditEntry) async throws -> WebhookCreation {
        let record = webhook.record
        return try await write { db in
            let number = try db.query("SELECT count(*) FROM webhooks WHERE job IS NULL").first { $0[0] as Int } ?? 0
            guard number < WebhookCreation.maximumWebhooks else { return .tooMany }
            try db.skipToNow()
            try db.query(
                """
                INSERT INTO webhooks (id, url, events, labels, secret, created_at, created_by, since_feed, lane)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?1)
                """
            )
            .with(record.id).with(record.url).with(WebhookEventType.text(record.events))
            .with(try storedLabels(record.labels)).with(webhook.secret).with(record.createdAt.milliseconds)
            .with(record.createdBy).with(try db.feedEnd()).execute()
            try db.append(audit)
            return .created
        }
    }

    package func webhooks() async throws -> [WebhookRecord] {
        try await read { db in
            try db.query(
                "SELECT \(WebhookRecord.columns) FROM webhooks WHERE job IS NULL ORDER BY webhook DESC"
            ).all(WebhookRecord.init)
        }
    }

    package func webhook(_ id: String) async throws -> WebhookRecord? {
        try await read { db in
            try db.query("SELECT \(WebhookRecord.columns) FROM webhooks WHERE id = ?").with(id).first(
                WebhookRecord.init
            )
        }
    }

    package func updateWebhook(
        _ id: String,
        _ change: WebhookChange,
        audit: AuditEntry
    ) async throws -> WebhookRecord? {
        try await write { db in
            try db.query(
                """
                UPDATE webhooks SET url = coalesce(?1, url), events = coalesce(?2, events),
                    labels = CASE WHEN ?3 THEN ?4 ELSE labels END
                WHERE id = ?5 AND job IS NULL
                """
            )
            .with(change.url).with(change.events.map(WebhookEventType.text)).with(change.labels != nil)
            .with(try change.labels.flatMap(storedLabels)).with(id).execute()
            return try db.changedWebhook(id, audit)
        }
    }

    package func deleteWebhook(_ id: String, audit: AuditEntry) async throws -> Bool {
        try await write { db in
            try db.query("DELETE FROM webhooks WHERE id = ?").with(id).execute()
            guard db.changesCount > 0 else { return false }
            try db.append(audit)
            return true
        }
    }

    package func rotateSecret(
        of id: String,
        to secret: String,
        previousUntil: Timestamp,
        audit: AuditEntry
    ) async throws -> WebhookRecord? {
        try await write { db in
            try db.query(
                "UPDATE webhooks SET previous_secret = secret, previous_secret_until = ?, secret = ? WHERE id = ?"
            )
            .with(previousUntil.milliseconds).with(secret).with(id).execute()
            return try db.changedWebhook(id, audit)
        }
    }

    package func enableWebhook(_ id: String, audit: AuditEntry) async throws -> WebhookRecord? {
        try await write { db in
            try db.skipToNow()
            try db.query("UPDATE webhooks SET disabled_at = NULL, disabled_reason = NULL WHERE id = ?").with(id)
                .execute()
            let record = try db.changedWebhook(id, audit)
            try db.query(
                """
                UPDATE webhook_deliveries SET next_attempt_at = ?
                WHERE webhook = (SELECT webhook FROM webhooks WHERE id = ?) AND state = 'pending'
                """
            ).with(audit.time.milliseconds).with(id).execute()
            return record
        }
    }
}

extension Database {
    /// The record of a webhook that the last statement changed, with a line about it; nil where it changed none.
    fileprivate func changedWebhook(_ id: String, _ audit: AuditEntry) throws -> WebhookRecord? {
        guard changesCount > 0 else { return nil }
        try append(audit)
        return try query("SELECT \(WebhookRecord.columns) FROM webhooks WHERE id = ?").with(id).first(
            WebhookRecord.init
        )
    }
}

extension WebhookRecord {
    /// The columns that ``init(_:)`` reads.
    fileprivate static let columns =
        """
        id, url, events, created_at, created_by, previous_secret_until, disabled_at, disabled_reason, labels,
        (SELECT j.id FROM jobs j WHERE j.job = webhooks.job)
        """

    fileprivate init(_ row: SQLRow) throws {
        self.init(
            id: row[0],
            url: row[1],
            events: WebhookEventType.stored(row[2]),
            labels: try row.json(8, as: [String: String].self) ?? [:],
            jobID: try (row[9] as Data?).map(JobID.init(stored:)),
            createdAt: Timestamp(milliseconds: row[3]),
            createdBy: row[4],
            previousSecretUntil: row.time(5),
            disabledAt: row.time(6),
            disabledReason: row[7]
        )
    }
}

extension WebhookEventType {
    /// The events that are kept as words between spaces.
    static func stored(_ text: String) -> [WebhookEventType] {
        text.split(separator: " ").compactMap { WebhookEventType(rawValue: String($0)) }
    }

    /// The text under which events are kept.
    static func text(_ events: [WebhookEventType]) -> String {
        events.map(\.rawValue).joined(separator: " ")
    }
}

/// The text under which the labels of a filter are kept; nil for none.
private func storedLabels(_ labels: [String: String]) throws -> String? {
    labels.isEmpty ? nil : try storedJSON(.object(labels.mapValues(JSONValue.string)))
}
