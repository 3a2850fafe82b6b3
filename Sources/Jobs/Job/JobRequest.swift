// SPDX-License-Identifier: Apache-2.0

/// A submission: the body of `POST /api/v1/jobs`.
public struct JobRequest: Codable, Hashable, Sendable {
    /// What to do.
    public private(set) var operation: OperationRequest
    /// Which agents to do it on: a target expression.
    public private(set) var target: String
    /// How long the job may wait for its agents, in seconds from submission; nil for the controller's default.
    public let deadline: Double?
    /// A note for people, shown with the record.
    public let note: String?
    /// Whether runs that fail are tried again; nil for no.
    public let retry: RetryPolicy?
    /// What happens to a run whose agent dies in mid-run; nil for ``InterruptPolicy/fail``.
    public let onInterrupt: InterruptPolicy?
    /// Whether the job may run beside others that modify the same host; nil for no.
    public let parallel: Bool?
    /// Whether nothing is touched, and only told what would be; nil for no.
    public let dryRun: Bool?
    /// What the submitter calls the job by, for listings to select by; nil for nothing.
    public let labels: [String: String]?
    /// The URL that is told of this job alone; nil for none.
    public let webhook: JobWebhookRequest?

    /// Makes a submission.
    public init(
        operation: OperationRequest,
        target: String,
        deadline: Double? = nil,
        note: String? = nil,
        retry: RetryPolicy? = nil,
        onInterrupt: InterruptPolicy? = nil,
        parallel: Bool? = nil,
        dryRun: Bool? = nil,
        labels: [String: String]? = nil,
        webhook: JobWebhookRequest? = nil
    ) {
        self.operation = operation
        self.target = target
        self.deadline = deadline
        self.note = note
        self.retry = retry
        self.onInterrupt = onInterrupt
        self.parallel = parallel
        self.dryRun = dryRun
        self.labels = labels
        self.webhook = webhook
    }

    /// The same submission with another operation.
    public func asking(for operation: OperationRequest) -> JobRequest {
        var request = self
        request.operation = operation
        return request
    }

    /// The same submission for another target.
    public func aimed(at target: String) -> JobRequest {
        var request = self
        request.target = target
        return request
    }

    enum CodingKeys: String, CodingKey {
        case operation
        case target
        case deadline
        case note
        case retry
        case onInterrupt = "on_interrupt"
        case parallel
        case dryRun = "dry_run"
        case labels
        case webhook
    }

    /// What the agents are told of it, but for what follows from its operation and its target.
    public var policy: ExecutionPolicy {
        var policy = ExecutionPolicy()
        policy.maxAttempts = retry?.maxAttempts ?? 1
        policy.backoff = .milliseconds(Int64((retry?.backoff ?? 0) * 1000))
        policy.onInterrupt = onInterrupt ?? .fail
        policy.isDryRun = dryRun ?? false
        return policy
    }
}
