// SPDX-License-Identifier: Apache-2.0

/// A URL that is told of events, as lists show it: everything but its secret.
public struct WebhookRecord: Codable, Hashable, Sendable {
    /// `wh_` and 24 hexadecimal digits.
    public let id: String
    /// Where events are sent to.
    public let url: String
    /// Which events.
    public let events: [WebhookEventType]
    /// The labels that a job must have for the webhook to be told of it, all of them; none for every job.
    public let labels: [String: String]
    /// The job that it is told of and goes away with; nil for one that was registered.
    public let jobID: JobID?
    /// When it was made.
    public let createdAt: Timestamp
    /// The name of the key that made it.
    public let createdBy: String?
    /// Until when the secret before the present one is good as well; nil where there is none.
    public let previousSecretUntil: Timestamp?
    /// Since when nothing is sent to it; nil while something is.
    public let disabledAt: Timestamp?
    /// Why not.
    public let disabledReason: String?

    /// Makes a record of its parts.
    public init(
        id: String,
        url: String,
        events: [WebhookEventType],
        labels: [String: String] = [:],
        jobID: JobID? = nil,
        createdAt: Timestamp,
        createdBy: String? = nil,
        previousSecretUntil: Timestamp? = nil,
        disabledAt: Timestamp? = nil,
        disabledReason: String? = nil
    ) {
        self.id = id
        self.url = url
        self.events = events
        self.labels = labels
        self.jobID = jobID
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.previousSecretUntil = previousSecretUntil
        self.disabledAt = disabledAt
        self.disabledReason = disabledReason
    }

    enum CodingKeys: String, CodingKey {
        case id
        case url
        case events
        case labels
        case jobID = "job_id"
        case createdAt = "created_at"
        case createdBy = "created_by"
        case previousSecretUntil = "previous_secret_until"
        case disabledAt = "disabled_at"
        case disabledReason = "disabled_reason"
    }

    /// Writes every field, with null for what is not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(url, forKey: .url)
        try container.encode(events, forKey: .events)
        try container.encode(labels, forKey: .labels)
        try container.encode(jobID, forKey: .jobID)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(createdBy, forKey: .createdBy)
        try container.encode(previousSecretUntil, forKey: .previousSecretUntil)
        try container.encode(disabledAt, forKey: .disabledAt)
        try container.encode(disabledReason, forKey: .disabledReason)
    }
}

/// A webhook with its secret, which is shown only when it is made.
public struct NewWebhook: Codable, Hashable, Sendable {
    /// The record.
    public let webhook: WebhookRecord
    /// `whsec_` and the key of the signatures in Base64.
    public let secret: String

    /// Makes a value of its parts.
    public init(webhook: WebhookRecord, secret: String) {
        self.webhook = webhook
        self.secret = secret
    }
}
