// SPDX-License-Identifier: Apache-2.0

/// Something that the controller hands to an agent, numbered for that agent.
///
/// Deliveries of all kinds share one row of numbers, so that "I hold everything up to number N" acknowledges them all.
public enum Delivery: Hashable, Sendable {
    /// A run to execute.
    case run(Assignment)
    /// A job whose run is to be ended, or not to be begun.
    case cancel(CancelOrder)
    /// The go-ahead for a run that waits for it.
    case go(GoOrder)

    /// The number of the delivery to its agent.
    public var number: UInt64 {
        switch self {
        case .run(let assignment): assignment.delivery
        case .cancel(let order): order.delivery
        case .go(let order): order.delivery
        }
    }

    /// The run to execute; nil where it is none.
    public var assignment: Assignment? {
        guard case .run(let assignment) = self else { return nil }
        return assignment
    }
}

/// Ends the run of a job on an agent, whichever attempt of it is under way.
public struct CancelOrder: Hashable, Sendable {
    /// The job.
    public let jobID: JobID
    /// The number of this delivery to this agent.
    public let delivery: UInt64
    /// From SIGTERM to SIGKILL; nil for what the agent's settings say.
    public let grace: Duration?
    /// Who asked for it: the name of the API key.
    public let requestedBy: String?

    /// Makes an order of its parts.
    public init(jobID: JobID, delivery: UInt64, grace: Duration?, requestedBy: String?) {
        self.jobID = jobID
        self.delivery = delivery
        self.grace = grace
        self.requestedBy = requestedBy
    }
}

/// Lets a run begin that was acknowledged and waits (``ExecutionPolicy/awaitsGo``).
public struct GoOrder: Hashable, Sendable {
    /// The job.
    public let jobID: JobID
    /// The number of this delivery to this agent.
    public let delivery: UInt64

    /// Makes an order of its parts.
    public init(jobID: JobID, delivery: UInt64) {
        self.jobID = jobID
        self.delivery = delivery
    }
}
