// SPDX-License-Identifier: Apache-2.0

/// The record of one job on one agent, as the API shows it.
public struct Run: Decodable, Hashable, Sendable {
    /// The job it belongs to.
    public let jobID: JobID
    /// The agent it is for.
    public let agentID: AgentID
    /// The name of the agent's host at the time of submission.
    public let hostname: String
    /// Where the run stands; `status` in JSON.
    public var state: RunState
    /// Which execution this is; there is a second one only where the job asks for it.
    public var attempt: Int
    /// Whether the host was changed; nil where that is not known.
    public var changed: Bool?
    /// Why it did not end well.
    public var error: RunError?
    /// What stands for its result among those of the job's runs; nil before its end, and where the agent does not tell.
    public var digest: ResultDigest?
    /// When the controller learnt that the agent holds the run.
    public var acknowledgedAt: Timestamp?
    /// When the controller learnt that the operation began.
    public var startedAt: Timestamp?
    /// When the run reached its terminal state.
    public var completedAt: Timestamp?
    /// Until when the agent may be away without a word, since the run has its host start again; nil for every other run.
    ///
    /// Not part of what the API shows.
    public var awaitedUntil: Timestamp?
    /// What the operation has to tell; left out of listings that did not ask for it.
    public var data: JSONValue?

    /// Makes the run that a submission freezes: pending, first attempt.
    public init(jobID: JobID, agentID: AgentID, hostname: String, state: RunState = .pending, attempt: Int = 1) {
        self.jobID = jobID
        self.agentID = agentID
        self.hostname = hostname
        self.state = state
        self.attempt = attempt
    }

    /// How long it took from its beginning to its end, in milliseconds of the controller's clock; nil before the end, and
    /// where it has not begun.
    public var durationMilliseconds: Int? {
        guard let startedAt, let completedAt else { return nil }
        return Int((completedAt - startedAt).wholeMilliseconds)
    }

    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case agentID = "agent_id"
        case hostname
        case state = "status"
        case attempt
        case changed
        case error
        case digest
        case acknowledgedAt = "acknowledged_at"
        case startedAt = "started_at"
        case completedAt = "completed_at"
        case data
    }
}

extension Run: JSONWritable {
    /// Writes every field, with null for what is not known, so that readers need not guess.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        try json.member("acknowledged_at", acknowledgedAt)
        json.member("agent_id", agentID.text)
        json.member("attempt", attempt)
        json.member("changed", changed)
        try json.member("completed_at", completedAt)
        if let data { try json.member("data", data) }
        json.member("digest", digest?.description)
        json.member("duration_ms", durationMilliseconds)
        try json.member("error", error)
        json.member("hostname", hostname)
        try json.member("job_id", jobID)
        try json.member("started_at", startedAt)
        json.member("status", state.rawValue)
        json.endObject()
    }
}
