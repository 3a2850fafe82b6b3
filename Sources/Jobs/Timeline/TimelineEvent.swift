// SPDX-License-Identifier: Apache-2.0

/// A line of a job's timeline.
public struct TimelineEvent: Decodable, Hashable, Sendable {
    /// What a line can say.
    public enum Kind: String, Codable, Sendable, CaseIterable, Hashable {
        /// The job was committed with its frozen set.
        case submitted
        /// An agent holds its run on its own disk.
        case acknowledged
        /// An agent began to execute its run.
        case started
        /// A run is about to have its host start again, and waits for its return.
        case goingDown = "going_down"
        /// A run ended well.
        case completed
        /// A run ended badly.
        case failed
        /// A run does not apply on its host.
        case skipped
        /// A run went past its limit and was ended.
        case timedOut = "timed_out"
        /// A run was withdrawn, or ended on request.
        case cancelled
        /// A run was never delivered before the deadline.
        case expired
        /// An agent did not come back to tell.
        case lost
        /// An attempt of a run failed and another one follows.
        case retrying
        /// Somebody asked for the job to be cancelled.
        case cancelRequested = "cancel_requested"
        /// An agent has the request to cancel on its own disk.
        case cancelDelivered = "cancel_delivered"
        /// An agent does not follow an order, to cancel or to go ahead, since it does not believe it.
        case orderRefused = "order_refused"
        /// The run of a job for any one agent went to another one, since the first did not acknowledge it.
        case reassigned
        /// A new job was made of runs of this one.
        case retried

        /// The line that says that a run reached `state`; for `pending` that is the submission itself.
        public init(_ state: RunState) {
            switch state {
            case .pending: self = .submitted
            case .acknowledged: self = .acknowledged
            case .started: self = .started
            case .completed: self = .completed
            case .failed: self = .failed
            case .skipped: self = .skipped
            case .timedOut: self = .timedOut
            case .cancelled: self = .cancelled
            case .expired: self = .expired
            case .lost: self = .lost
            }
        }
    }

    /// When the controller recorded it; never earlier than the line before it.
    public let timestamp: Timestamp
    /// What happened.
    public let event: Kind
    /// The host it happened on; nil for the job as a whole.
    public let hostname: String?
    /// A sentence for people.
    public let message: String?
    /// Why, where something did not go well.
    public let error: RunError?

    /// Makes a line of its parts.
    public init(
        timestamp: Timestamp,
        event: Kind,
        hostname: String? = nil,
        message: String? = nil,
        error: RunError? = nil
    ) {
        self.timestamp = timestamp
        self.event = event
        self.hostname = hostname
        self.message = message
        self.error = error
    }

    enum CodingKeys: String, CodingKey {
        case timestamp
        case event
        case hostname
        case message
        case error
    }
}

extension TimelineEvent: JSONWritable {
    /// Writes every field, with null for what is not known.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        try json.member("error", error)
        json.member("event", event.rawValue)
        json.member("hostname", hostname)
        json.member("message", message)
        try json.member("timestamp", timestamp)
        json.endObject()
    }
}
