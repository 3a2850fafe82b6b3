// SPDX-License-Identifier: Apache-2.0

/// The state of a run: one job on one agent.
///
/// A run goes from ``pending`` over ``acknowledged`` and ``started`` to one of the terminal states, and may leave out
/// steps on the way, never go back. The one exception is a late truth: a ``lost`` run whose agent returns with the
/// stored outcome takes that outcome.
public enum RunState: String, Codable, Sendable, CaseIterable, Hashable {
    /// The controller has committed the run; the agent has not yet said that it holds it.
    case pending
    /// The agent holds the run on its own disk. Set when the agent's poll says so.
    case acknowledged
    /// The agent has begun to execute the operation. Set by the agent's report.
    case started
    /// The operation ended well. Set by the agent's report.
    case completed
    /// The operation ended badly, or could not be begun. Set by the agent's report.
    case failed
    /// The operation does not apply on that host (wrong platform). Set by the agent's report.
    case skipped
    /// The operation ran past its limit and was ended by the agent. Set by the agent's report.
    case timedOut = "timed_out"
    /// Withdrawn before it was delivered, or ended on request.
    case cancelled
    /// Never delivered before the job's deadline. Set by the controller's deadline service; by the agent's report where
    /// the agent held it but could not begin it in time.
    case expired
    /// Delivered, or possibly delivered, and the agent did not come back to tell within the lease. Set by the
    /// controller's deadline service.
    case lost

    /// Whether the state is final, apart from a late truth for ``lost``.
    public var isTerminal: Bool {
        switch self {
        case .pending, .acknowledged, .started: false
        case .completed, .failed, .skipped, .timedOut, .cancelled, .expired, .lost: true
        }
    }

    /// How far along its way a run in this state is; a run never goes to a smaller number.
    var progress: Int {
        switch self {
        case .pending: 0
        case .acknowledged: 1
        case .started: 2
        case .completed, .failed, .skipped, .timedOut, .cancelled, .expired, .lost: 3
        }
    }
}
