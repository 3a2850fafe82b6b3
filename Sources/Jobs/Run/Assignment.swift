// SPDX-License-Identifier: Apache-2.0

/// A run on its way to an agent: what the controller offers and the agent's ledger keeps.
public struct Assignment: Hashable, Sendable {
    /// The job.
    public let jobID: JobID
    /// Which execution of the run this is.
    public let attempt: Int
    /// The number of this delivery to this agent; rises by one with each run that is frozen for the agent.
    public let delivery: UInt64
    /// What to do.
    public let operation: OperationRequest
    /// How long the run may still be started, counted from when it was sent; from its arrival once the way is taken off.
    public let startWithin: Duration
    /// How to execute it.
    public let policy: ExecutionPolicy
    /// Who submitted the job: the name of the API key; nil where that is not known.
    public let submittedBy: String?
    /// The time of the controller before which it is not to begin.
    public let notBefore: Timestamp
    /// The time of the controller at which the time to start it is over.
    public let deadline: Timestamp
    /// The place in a trace at which the job was asked for; nil where none was told.
    public let trace: TraceContext?

    /// Makes an assignment of its parts.
    public init(
        jobID: JobID,
        attempt: Int,
        delivery: UInt64,
        operation: OperationRequest,
        startWithin: Duration,
        policy: ExecutionPolicy = .once,
        submittedBy: String? = nil,
        notBefore: Timestamp,
        deadline: Timestamp,
        trace: TraceContext? = nil
    ) {
        self.jobID = jobID
        self.attempt = attempt
        self.delivery = delivery
        self.operation = operation
        self.startWithin = startWithin
        self.policy = policy
        self.submittedBy = submittedBy
        self.notBefore = notBefore
        self.deadline = deadline
        self.trace = trace
    }
}

/// What an agent tells of one of its runs.
///
/// Told again until the controller has it on its disk.
public struct RunReport: Hashable, Sendable {
    /// What there is to tell.
    public enum Event: Hashable, Sendable {
        /// The operation began.
        case started
        /// The run has its host start again, and ends when that is back; the kernel's name for the start that is to end.
        case goingDown(bootID: String)
        /// The operation ended, and the outcome is in the agent's ledger.
        case ended(RunOutcome)
        /// An attempt ended so, and the next one follows after a pause.
        case retrying(RunOutcome, after: Duration)
    }

    /// The number of the report in the agent's ledger; the controller's receipt names it.
    public let sequence: Int64
    /// The job.
    public let jobID: JobID
    /// Which execution of the run it speaks of.
    public let attempt: Int
    /// What happened.
    public let event: Event

    /// Makes a report of its parts.
    public init(sequence: Int64, jobID: JobID, attempt: Int, event: Event) {
        self.sequence = sequence
        self.jobID = jobID
        self.attempt = attempt
        self.event = event
    }
}
