// SPDX-License-Identifier: Apache-2.0

/// The record of a job, as the API shows it.
public struct Job: Decodable, Hashable, Sendable {
    /// Its id.
    public let id: JobID
    /// Where it stands.
    public let status: JobStatus
    /// What is done.
    public let operation: OperationRequest
    /// The target expression as it was submitted.
    public let target: String
    /// When it was committed.
    public let createdAt: Timestamp
    /// Until when its runs may be delivered.
    public let deadlineAt: Timestamp
    /// When the first agent acknowledged.
    public let startedAt: Timestamp?
    /// When its last run became terminal.
    public let finishedAt: Timestamp?
    /// How many runs are in each state.
    public let counts: RunCounts
    /// True if any run changed its host, nil until one is known, else false.
    public let changed: Bool?
    /// How many runs changed their host.
    public let changedCount: Int
    /// Who submitted it: the name of the API key.
    public let submittedBy: String?
    /// A note that the submitter gave.
    public let note: String?
    /// Whether runs that fail are tried again; nil for no.
    public let retry: RetryPolicy?
    /// What happens to a run whose agent dies in mid-run.
    public let onInterrupt: InterruptPolicy
    /// Whether it may run beside other jobs that modify the same host.
    public let parallel: Bool
    /// The job of which this one repeats runs.
    public let retryOf: JobID?
    /// That it was asked to be cancelled; nil where nobody did.
    public let cancel: CancelRequest?
    /// The first lines of the timeline; nil in listings.
    public var timeline: [TimelineEvent]?
    /// How many lines the whole timeline has; nil in listings.
    public var timelineTotal: Int?

    /// Makes a record of a request and of where the job stands.
    public init(
        id: JobID,
        request: JobRequest,
        createdAt: Timestamp,
        deadlineAt: Timestamp,
        progress: JobStateMachine,
        submittedBy: String?,
        retryOf: JobID? = nil,
        cancel: CancelRequest? = nil
    ) {
        self.id = id
        status = progress.status
        operation = request.operation
        target = request.target
        self.createdAt = createdAt
        self.deadlineAt = deadlineAt
        startedAt = progress.startedAt
        finishedAt = progress.finishedAt
        counts = progress.counts
        changed = progress.changed
        changedCount = progress.changedCount
        self.submittedBy = submittedBy
        note = request.note
        retry = request.retry
        onInterrupt = request.onInterrupt ?? .fail
        parallel = request.parallel ?? false
        self.retryOf = retryOf
        self.cancel = cancel
    }

    /// What was submitted, to be submitted again with this deadline.
    public func request(waiting deadline: Duration) -> JobRequest {
        JobRequest(
            operation: operation,
            target: target,
            deadline: Double(deadline.wholeMilliseconds) / 1000,
            note: note,
            retry: retry,
            onInterrupt: onInterrupt,
            parallel: parallel
        )
    }

    enum CodingKeys: String, CodingKey {
        case id
        case status
        case operation
        case target
        case createdAt = "created_at"
        case deadlineAt = "deadline_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case counts
        case changed
        case changedCount = "changed_count"
        case submittedBy = "submitted_by"
        case note
        case retry
        case onInterrupt = "on_interrupt"
        case parallel
        case retryOf = "retry_of"
        case cancel
        case timeline
        case timelineTotal = "timeline_total"
    }
}

extension Job: JSONWritable {
    /// Writes every field, with null for what is not known, and the timeline where there is one.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        try json.member("cancel", cancel)
        json.member("changed", changed)
        json.member("changed_count", changedCount)
        try json.member("counts", counts)
        try json.member("created_at", createdAt)
        try json.member("deadline_at", deadlineAt)
        try json.member("finished_at", finishedAt)
        try json.member("id", id)
        json.member("note", note)
        json.member("on_interrupt", onInterrupt.rawValue)
        try json.member("operation", operation)
        json.member("parallel", parallel)
        try json.member("retry", retry)
        try json.member("retry_of", retryOf)
        try json.member("started_at", startedAt)
        json.member("status", status.rawValue)
        json.member("submitted_by", submittedBy)
        json.member("target", target)
        if let timeline { try json.member("timeline", timeline) }
        if let timelineTotal { json.member("timeline_total", timelineTotal) }
        json.endObject()
    }
}
