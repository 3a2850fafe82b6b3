// SPDX-License-Identifier: Apache-2.0

/// What a record of a job can have beside the job itself, as far as it was asked for.
public enum JobExpansion: String, Codable, Sendable, CaseIterable, Hashable {
    /// What the hosts answered.
    case responses
    /// Where the hosts stand.
    case agentStates = "agent_states"
    /// What happened, in order.
    case timeline

    /// How many hosts are shown at most, those that did not do well first.
    public static let maximumAgents = 100
    /// How many lines of the timeline are shown at most.
    public static let maximumLines = 500
}

/// What a host answered.
public struct AgentResponse: Decodable, Hashable, Sendable {
    /// The name of the host.
    public let hostname: String
    /// Where its run stands.
    public let status: RunState
    /// Whether the host was changed; nil where that is not known.
    public let changed: Bool?
    /// Why it did not end well.
    public let error: RunError?
    /// What the operation has to tell.
    public let data: JSONValue?

    /// The answer that a run carries.
    public init(_ run: Run) {
        hostname = run.hostname
        status = run.state
        changed = run.changed
        error = run.error
        data = run.data
    }
}

extension AgentResponse: JSONWritable {
    /// Writes every field, with null for what is not known.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        json.member("changed", changed)
        try json.member("data", data)
        try json.member("error", error)
        json.member("hostname", hostname)
        json.member("status", status.rawValue)
        json.endObject()
    }
}

/// Where a host stands.
public struct AgentState: Decodable, Hashable, Sendable {
    /// Where its run stands.
    public let status: RunState
    /// Why it did not end well.
    public let error: RunError?
    /// Which execution it is.
    public let attempt: Int
    /// When the controller learnt that the agent holds the run.
    public let acknowledgedAt: Timestamp?
    /// When the controller learnt that the operation began.
    public let startedAt: Timestamp?
    /// When the run reached its terminal state.
    public let completedAt: Timestamp?
    /// How long it took from its beginning to its end, in milliseconds.
    public let durationMilliseconds: Int?

    /// The state of a run.
    public init(_ run: Run) {
        status = run.state
        error = run.error
        attempt = run.attempt
        acknowledgedAt = run.acknowledgedAt
        startedAt = run.startedAt
        completedAt = run.completedAt
        durationMilliseconds = run.durationMilliseconds
    }

    enum CodingKeys: String, CodingKey {
        case status
        case error
        case attempt
        case acknowledgedAt = "acknowledged_at"
        case startedAt = "started_at"
        case completedAt = "completed_at"
        case durationMilliseconds = "duration_ms"
    }
}

extension AgentState: JSONWritable {
    /// Writes every field, with null for what is not known.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        try json.member("acknowledged_at", acknowledgedAt)
        json.member("attempt", attempt)
        try json.member("completed_at", completedAt)
        json.member("duration_ms", durationMilliseconds)
        try json.member("error", error)
        try json.member("started_at", startedAt)
        json.member("status", status.rawValue)
        json.endObject()
    }
}

/// Where the rest is of what a record has only a part of.
public struct JobLinks: Decodable, Hashable, Sendable {
    /// The listing of the runs.
    public let runs: String
    /// The whole timeline.
    public let timeline: String

    /// The links of a job, relative to the controller's URL.
    public init(_ id: JobID) {
        runs = "/api/v1/jobs/\(id)/runs"
        timeline = "/api/v1/jobs/\(id)/timeline"
    }
}

extension JobLinks: JSONWritable {
    /// Writes all of them.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("runs", runs)
        json.member("timeline", timeline)
        json.endObject()
    }
}
