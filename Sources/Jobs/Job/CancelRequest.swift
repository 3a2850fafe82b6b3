// SPDX-License-Identifier: Apache-2.0

/// That a job was asked to be cancelled, as its record shows it: the last time that it was.
public struct CancelRequest: Decodable, Hashable, Sendable {
    /// From SIGTERM to SIGKILL at most, in seconds.
    public static let graces: ClosedRange<Double> = 0...600

    /// When.
    public let requestedAt: Timestamp
    /// By whom: the name of the API key.
    public let requestedBy: String?
    /// Why, in the words of who asked.
    public let reason: String?

    /// Makes a value of its parts.
    public init(requestedAt: Timestamp, requestedBy: String?, reason: String?) {
        self.requestedAt = requestedAt
        self.requestedBy = requestedBy
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case requestedAt = "requested_at"
        case requestedBy = "requested_by"
        case reason
    }
}

extension CancelRequest: JSONWritable {
    /// Writes every field, with null for what is not known.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        json.member("reason", reason)
        try json.member("requested_at", requestedAt)
        json.member("requested_by", requestedBy)
        json.endObject()
    }
}

/// Which runs of a job that has ended are made into a new job.
public enum RetrySelection: String, Codable, Sendable, CaseIterable, Hashable {
    /// Those that `failed` or `timed_out`.
    case failed
    /// Those that did not end as `completed` or `skipped`.
    case notCompleted = "not_completed"
    /// Every one.
    case all

    /// Whether a run in `state` belongs to it.
    public func includes(_ state: RunState) -> Bool {
        switch self {
        case .failed: state == .failed || state == .timedOut
        case .notCompleted: state != .completed && state != .skipped
        case .all: true
        }
    }

    /// The states of runs that belong to it.
    public var states: [RunState] { RunState.allCases.filter { includes($0) } }
}
