// SPDX-License-Identifier: Apache-2.0

/// An event on its way to a webhook.
public struct WebhookDelivery: Codable, Hashable, Sendable {
    /// How far it is.
    public enum State: String, Codable, Sendable, CaseIterable, Hashable {
        /// It is to be sent, for the first time or again.
        case pending
        /// The receiver has taken it.
        case delivered
        /// It was given up.
        case failed
    }

    /// The id of the message, the same in each attempt: `msg_` and 24 hexadecimal digits.
    public let id: String
    /// What it tells of.
    public let event: WebhookEventType
    /// Of which job; nil for a test.
    public let jobID: JobID?
    /// How far it is.
    public let state: State
    /// When it came to be.
    public let createdAt: Timestamp
    /// How often it was sent.
    public let attempts: Int
    /// When it is sent next; nil unless it is pending.
    public let nextAttemptAt: Timestamp?
    /// When it was sent last.
    public let lastAttemptAt: Timestamp?
    /// What the receiver answered last; nil where it did not.
    public let lastStatus: Int?
    /// Why it was not taken the last time.
    public let lastError: String?

    /// Makes a record of its parts.
    public init(
        id: String,
        event: WebhookEventType,
        jobID: JobID?,
        state: State,
        createdAt: Timestamp,
        attempts: Int,
        nextAttemptAt: Timestamp?,
        lastAttemptAt: Timestamp?,
        lastStatus: Int?,
        lastError: String?
    ) {
        self.id = id
        self.event = event
        self.jobID = jobID
        self.state = state
        self.createdAt = createdAt
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.lastAttemptAt = lastAttemptAt
        self.lastStatus = lastStatus
        self.lastError = lastError
    }

    enum CodingKeys: String, CodingKey {
        case id
        case event
        case jobID = "job_id"
        case state
        case createdAt = "created_at"
        case attempts
        case nextAttemptAt = "next_attempt_at"
        case lastAttemptAt = "last_attempt_at"
        case lastStatus = "last_status"
        case lastError = "last_error"
    }

    /// Writes every field, with null for what is not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(event, forKey: .event)
        try container.encode(jobID, forKey: .jobID)
        try container.encode(state, forKey: .state)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(attempts, forKey: .attempts)
        try container.encode(nextAttemptAt, forKey: .nextAttemptAt)
        try container.encode(lastAttemptAt, forKey: .lastAttemptAt)
        try container.encode(lastStatus, forKey: .lastStatus)
        try container.encode(lastError, forKey: .lastError)
    }
}
