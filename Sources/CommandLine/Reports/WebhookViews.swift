// SPDX-License-Identifier: Apache-2.0

package import Jobs

extension RecordView where Record == WebhookRecord {
    /// Webhooks: a line each.
    package static let webhooks = RecordView([
        .text("id") { $0.id },
        .text("url") { $0.url },
        .text("events") { $0.events.map(\.rawValue).joined(separator: " ") },
        .text("labels") { $0.labelsInWords },
        .text("created_at", in: .csv) { $0.createdAt.description },
        .text("created_by") { $0.createdBy },
        .text("previous_secret_until", in: .csv) { $0.previousSecretUntil?.description },
        .text("disabled_at", { $0.disabledAt?.description }, cell: { Table.Cell($0.disabledAt?.brief, .bad) }),
        .text("disabled_reason") { $0.disabledReason },
    ])
}

extension WebhookRecord {
    /// The labels of its filter, `name=value` each; nil where there are none.
    fileprivate var labelsInWords: String? {
        labels.isEmpty ? nil : labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

extension RecordView where Record == NewWebhook {
    /// A webhook that was just made, or has a new secret.
    package static let newWebhooks = RecordView([
        .text("id") { $0.webhook.id }, .text("url") { $0.webhook.url }, .text("secret") { $0.secret },
    ])
}

extension RecordView where Record == WebhookDelivery {
    /// Deliveries: a line each.
    package static let deliveries = RecordView([
        .text("id") { $0.id },
        .text("event") { $0.event.rawValue },
        .text("job_id") { $0.jobID?.description },
        .text(
            "state",
            { $0.state.rawValue },
            cell: { Table.Cell($0.state.rawValue, $0.state == .failed ? .bad : .plain) }
        ),
        .text("created_at", { $0.createdAt.description }, cell: { Table.Cell($0.createdAt.brief) }),
        .number("attempts") { Int64($0.attempts) },
        .text("next_attempt_at", { $0.nextAttemptAt?.description }, cell: { Table.Cell($0.nextAttemptAt?.brief) }),
        .text("last_attempt_at", in: .csv) { $0.lastAttemptAt?.description },
        .text("last_status") { $0.lastStatus.map { String($0) } },
        .text("last_error") { $0.lastError },
    ])
}
