// SPDX-License-Identifier: Apache-2.0

/// The record of a job, as the API shows it.
public struct Job: Decodable, Hashable, Sendable {
    /// Its id.
    public let id: JobID
    /// Where it stands.
    public let status: JobStatus
    /// Since when it has that status.
    public let statusUpdatedAt: Timestamp
    /// What is done.
    public let operation: OperationRequest
    /// The target expression as it was submitted.
    public let target: String
    /// When it was committed.
    public let createdAt: Timestamp
    /// When the first run began; nil until then.
    public let startedAt: Timestamp?
    /// When its last run became terminal.
    public let completedAt: Timestamp?
    /// When anything of it last changed: the time of the last line of its timeline.
    public let updatedAt: Timestamp
    /// Until when its runs may be delivered.
    public let deadlineAt: Timestamp
    /// How many runs are in each state.
    public let agentCounts: RunCounts
    /// True if any run changed its host, nil until one is known, else false.
    public let changed: Bool?
    /// How many runs changed their host.
    public let agentsChanged: Int
    /// The commonest error of its runs, where it failed or failed in part.
    public let error: JobError?
    /// Who submitted it: the name of the API key.
    public let createdBy: String?
    /// A note that the submitter gave.
    public let note: String?
    /// What the submitter calls it by.
    public let labels: [String: String]
    /// Whether runs that fail are tried again; nil for no.
    public let retry: RetryPolicy?
    /// What happens to a run whose agent dies in mid-run.
    public let onInterrupt: InterruptPolicy
    /// Whether it may run beside other jobs that modify the same host.
    public let parallel: Bool
    /// Whether nothing is touched, and only told what would be: then `changed` says whether it would be.
    public let dryRun: Bool
    /// The job of which this one repeats runs.
    public let retryOf: JobID?
    /// How many jobs repeat runs of this one.
    public let retries: Int
    /// That it was asked to be cancelled; nil where nobody did.
    public let cancel: CancelRequest?
    /// The URL that is told of it alone; nil for none.
    public var webhook: JobWebhook?
    /// The place in a trace at which it was asked for, as the header `traceparent` has it; nil where none was told.
    public let traceparent: String?
    /// Its host, where it has exactly one run.
    public var hostname: String?
    /// What the operation told on that host; nil until it has.
    public var result: JSONValue?
    /// What hosts answered, by hostname, if asked for.
    public var responses: [String: AgentResponse]?
    /// Where hosts stand, by hostname, if asked for.
    public var agentStates: [String: AgentState]?
    /// Lines of the timeline, if asked for.
    public var timeline: [TimelineEvent]?
    /// How many lines the whole timeline has, where some are here.
    public var timelineTotal: Int?
    /// Whether any of the three above is only a part.
    public var truncated: Bool?
    /// Where the rest of them is.
    public var links: JobLinks?

    /// Makes a record of a request and of where the job stands.
    ///
    /// - Parameters:
    ///   - id: its id.
    ///   - request: what was asked for.
    ///   - createdAt: when it was committed.
    ///   - updatedAt: when anything of it last changed; nil for when it was committed.
    ///   - deadlineAt: until when its runs may be delivered.
    ///   - progress: where it stands.
    ///   - createdBy: who submitted it.
    ///   - error: the commonest error of its runs, whatever its status.
    ///   - retryOf: the job of which it repeats runs.
    ///   - retries: how many jobs repeat runs of it.
    ///   - cancel: that it was asked to be cancelled.
    ///   - webhook: the URL that is told of it alone.
    ///   - trace: the place in a trace at which it was asked for.
    public init(
        id: JobID,
        request: JobRequest,
        createdAt: Timestamp,
        updatedAt: Timestamp? = nil,
        deadlineAt: Timestamp,
        progress: JobStateMachine,
        createdBy: String?,
        error: JobError? = nil,
        retryOf: JobID? = nil,
        retries: Int = 0,
        cancel: CancelRequest? = nil,
        webhook: JobWebhook? = nil,
        trace: TraceContext? = nil
    ) {
        self.id = id
        status = progress.status
        statusUpdatedAt = progress.statusUpdatedAt ?? createdAt
        operation = request.operation
        target = request.target
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
        self.deadlineAt = deadlineAt
        startedAt = progress.startedAt
        completedAt = progress.completedAt
        agentCounts = progress.counts
        changed = progress.changed
        agentsChanged = progress.changedCount
        self.error = status == .failed || status == .partialFailure ? error : nil
        self.createdBy = createdBy
        note = request.note
        labels = request.labels ?? [:]
        retry = request.retry
        onInterrupt = request.onInterrupt ?? .fail
        parallel = request.parallel ?? false
        dryRun = request.dryRun ?? false
        self.retryOf = retryOf
        self.retries = retries
        self.cancel = cancel
        self.webhook = webhook
        traceparent = trace?.description
    }

    /// The size of the frozen set.
    public var agentsTotal: Int { agentCounts.total }

    /// The id of the trace in which it was asked for; nil where none was told.
    public var traceID: String? { traceparent.flatMap(TraceContext.init)?.traceID }

    /// How many runs are at their end.
    public var agentsCompleted: Int { agentCounts.terminal }

    /// What was submitted, to be submitted again with this deadline.
    public func request(waiting deadline: Duration) -> JobRequest {
        JobRequest(
            operation: operation,
            target: target,
            deadline: Double(deadline.wholeMilliseconds) / 1000,
            note: note,
            retry: retry,
            onInterrupt: onInterrupt,
            parallel: parallel,
            dryRun: dryRun,
            labels: labels.isEmpty ? nil : labels
        )
    }

    enum CodingKeys: String, CodingKey {
        case id
        case status
        case statusUpdatedAt = "status_updated_at"
        case operation
        case target
        case createdAt = "created_at"
        case startedAt = "started_at"
        case completedAt = "completed_at"
        case updatedAt = "updated_at"
        case deadlineAt = "deadline_at"
        case agentCounts = "agent_counts"
        case changed
        case agentsChanged = "agents_changed"
        case error
        case createdBy = "created_by"
        case note
        case labels
        case retry
        case onInterrupt = "on_interrupt"
        case parallel
        case dryRun = "dry_run"
        case retryOf = "retry_of"
        case retries
        case cancel
        case webhook
        case traceparent
        case hostname
        case result
        case responses
        case agentStates = "agent_states"
        case timeline
        case timelineTotal = "timeline_total"
        case truncated
        case links
    }
}

extension Job: JSONWritable {
    /// Writes the record, with null for what is not known.
    ///
    /// Left out are: times that have not come, the error of a job that did not fail, host and result of a job with several
    /// runs, and what was not asked for.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        try json.member("agent_counts", agentCounts)
        if let agentStates { try json.members("agent_states", agentStates) }
        json.member("agents_changed", agentsChanged)
        json.member("agents_completed", agentsCompleted)
        json.member("agents_total", agentsTotal)
        try json.member("cancel", cancel)
        json.member("changed", changed)
        if let completedAt { try json.member("completed_at", completedAt) }
        try json.member("created_at", createdAt)
        json.member("created_by", createdBy)
        try json.member("deadline_at", deadlineAt)
        json.member("dry_run", dryRun)
        if let error { try json.member("error", error) }
        if let hostname { json.member("hostname", hostname) }
        try json.member("id", id)
        json.name("labels")
        json.beginObject()
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) { json.member(name, value) }
        json.endObject()
        if let links { try json.member("links", links) }
        json.member("note", note)
        json.member("on_interrupt", onInterrupt.rawValue)
        try json.member("operation", operation)
        json.member("parallel", parallel)
        try writeSecondHalf(to: &json)
        json.endObject()
    }

    private func writeSecondHalf(to json: inout JSONWriter) throws(JSON.Failure) {
        if let responses { try json.members("responses", responses) }
        if hostname != nil { try json.member("result", result) }
        json.member("retries", retries)
        try json.member("retry", retry)
        try json.member("retry_of", retryOf)
        // There are no templates and no reviews yet, and so nothing else that these could say.
        json.member("review", nil as String?)
        if let startedAt { try json.member("started_at", startedAt) }
        json.member("status", status.rawValue)
        try json.member("status_updated_at", statusUpdatedAt)
        json.member("target", target)
        json.member("template", nil as String?)
        if let timeline { try json.member("timeline", timeline) }
        if let timelineTotal { json.member("timeline_total", timelineTotal) }
        json.member("trace_id", traceID)
        json.member("traceparent", traceparent)
        if let truncated { json.member("truncated", truncated) }
        try json.member("updated_at", updatedAt)
        try json.member("webhook", webhook)
    }
}

extension JSONWriter {
    /// Writes a member that is an object of values by name.
    fileprivate mutating func members(_ name: String, _ values: [String: some JSONWritable]) throws(JSON.Failure) {
        self.name(name)
        beginObject()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { try member(name, value) }
        endObject()
    }
}
