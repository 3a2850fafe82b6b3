// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs

/// What a transaction changed, as far as others have to hear of it.
package struct StoreChanges: Sendable {
    /// The progress of each job of which a run moved.
    package var jobs: [JobID: JobStateMachine] = [:]
    /// The highest new delivery number of each agent for which there is something new.
    package var deliveries: [AgentID: UInt64] = [:]

    /// Makes a value of its parts.
    package init(jobs: [JobID: JobStateMachine] = [:], deliveries: [AgentID: UInt64] = [:]) {
        self.jobs = jobs
        self.deliveries = deliveries
    }
}

/// What ``JobStore/endOverdue(lease:limit:now:)`` did.
package struct OverdueResult: Sendable {
    /// The progress of each job that changed.
    package let changed: [JobID: JobStateMachine]
    /// Whether there is more to end at the same `now`.
    package let more: Bool

    /// Makes the answer of a store.
    package init(changed: [JobID: JobStateMachine], more: Bool) {
        self.changed = changed
        self.more = more
    }
}

/// What became of agents that were silent for longer than the lease.
package struct SilenceResult: Sendable {
    /// The progress of each job that changed.
    package let changed: [JobID: JobStateMachine]
    /// The agents that were left as they are, since their hosts start again, and until when each may be silent.
    package let awaited: [AgentID: Timestamp]

    /// Makes the answer of a store.
    package init(changed: [JobID: JobStateMachine] = [:], awaited: [AgentID: Timestamp] = [:]) {
        self.changed = changed
        self.awaited = awaited
    }
}

/// A request to cancel a job.
package struct NewCancel: Sendable {
    /// From SIGTERM to SIGKILL; nil for what the agents' settings say.
    package let grace: Duration?
    /// The name of the API key.
    package let requestedBy: String?
    /// In the words of who asked.
    package let reason: String?
    /// The line of the audit log that goes with it.
    package var audit: AuditEntry?

    /// Makes a request.
    package init(grace: Duration? = nil, requestedBy: String?, reason: String? = nil) {
        self.grace = grace
        self.requestedBy = requestedBy
        self.reason = reason
    }
}

/// What became of a request to cancel a job.
package enum CancelResult: Sendable {
    /// It is on disk, and there may be orders to deliver.
    case requested(StoreChanges)
    /// The job has ended.
    case finished
    /// There is no such job.
    case noSuchJob
}

/// What became of a request to delete a job.
package enum DeleteResult: Sendable {
    /// It is out of every listing and count.
    case deleted
    /// It has not ended yet, and stays.
    case notFinished
    /// There is no such job.
    case noSuchJob
}

/// A job for any one agent whose run nobody has acknowledged yet.
package struct UnacknowledgedAny: Sendable {
    /// The job.
    package let jobID: JobID
    /// Its target.
    package let target: String
    /// The agent that has the run now.
    package let agentID: AgentID
}

/// How much history is kept; nil is without a limit.
///
/// Jobs that have not ended always stay.
package struct Retention: Hashable, Sendable {
    /// Jobs that ended longer ago go.
    package var maximumAge: Duration?
    /// When there are more jobs, those go that ended first.
    package var maximumJobs: Int?
    /// When the database holds more bytes, those go that ended first.
    package var maximumBytes: Int64?

    /// Makes a retention that keeps everything.
    package init() {}
}
