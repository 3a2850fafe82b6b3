// SPDX-License-Identifier: Apache-2.0

/// What a webhook can be told of.
public enum WebhookEventType: String, Codable, Sendable, CaseIterable, Hashable {
    /// A job was committed.
    case jobSubmitted = "job.submitted"
    /// A job has ended, well on every host.
    case jobCompleted = "job.completed"
    /// A job has ended, well on no host.
    case jobFailed = "job.failed"
    /// A job has ended, well on some hosts.
    case jobPartialFailure = "job.partial_failure"
    /// A job has ended as it was cancelled.
    case jobCancelled = "job.cancelled"
    /// A job has ended, and has changed a host.
    case jobChanged = "job.changed"
    /// An agent that had a run did not come back to tell.
    case agentLost = "agent.lost"
    /// Somebody tries the webhook.
    case webhookTest = "webhook.test"

    /// The event that says that a job has ended; nil for a status that is no end.
    public init?(endingWith status: JobStatus) {
        switch status {
        case .completed: self = .jobCompleted
        case .failed: self = .jobFailed
        case .partialFailure: self = .jobPartialFailure
        case .cancelled: self = .jobCancelled
        case .submitted, .processing: return nil
        }
    }

    /// What a webhook can be asked to tell of; a test is always told.
    public static let selectable = allCases.filter { $0 != .webhookTest }

    /// What the webhook of one job is told of unless its submission says otherwise: how the job has ended.
    public static let ends: [WebhookEventType] = [.jobCompleted, .jobFailed, .jobPartialFailure, .jobCancelled]
}
