// SPDX-License-Identifier: Apache-2.0

package import Jobs
import Store

/// A job whose runs were marked as offered as they were committed, so that they can be sent without being read again.
package struct OfferedJob: Sendable {
    /// The delivery number of the run of each agent that it was offered to.
    package let deliveries: [AgentID: UInt64]
    /// The job.
    package let jobID: JobID
    /// Its frozen set.
    package let agents: [AgentID]
    private let operation: OperationRequest
    private let policy: ExecutionPolicy
    private let submittedBy: String?
    private let createdAt: Timestamp
    private let deadlineAt: Timestamp
    private let trace: TraceContext?

    /// The offers of a job that was committed.
    init(_ job: NewJob, _ created: CreatedJob) {
        deliveries = created.offered
        jobID = job.id
        agents = job.agents.map(\.id)
        submittedBy = job.createdBy
        createdAt = job.createdAt
        operation = job.request.operation
        deadlineAt = job.deadlineAt
        trace = job.trace
        var policy = job.request.policy
        policy.isExclusive = job.isExclusive
        policy.awaitsGo = job.awaitsGo
        self.policy = policy
    }

    /// The run with a delivery number, to be sent at `now`; nil where the deadline has passed.
    package func delivery(_ number: UInt64, now: Timestamp) -> Delivery? {
        guard now < deadlineAt else { return nil }
        return .run(
            Assignment(
                jobID: jobID,
                attempt: 1,
                delivery: number,
                operation: operation,
                startWithin: deadlineAt - now,
                policy: policy,
                submittedBy: submittedBy,
                // A clock that was set since may be behind the time of submission.
                notBefore: min(createdAt, now),
                deadline: deadlineAt,
                trace: trace
            )
        )
    }
}
