// SPDX-License-Identifier: Apache-2.0

/// Why an agent does not execute a run that was delivered to it; the run is `failed` with this code, and no attempt follows.
public enum Refusal: String, Sendable, CaseIterable, Hashable {
    /// No job key that the agent trusts has signed what was delivered.
    case signature = "refused_signature"
    /// What was signed cannot be read, or is another job than it was delivered as.
    case envelope = "refused_envelope"
    /// The agent is not in the job's frozen set.
    case target = "refused_target"
    /// The job's deadline was over when it came, by the agent's clock, or lies in a time of which the agent has forgotten
    /// what it executed.
    case deadline = "refused_deadline"
    /// The job is not to begin yet, by the agent's clock.
    case notBefore = "refused_not_before"
    /// A secret of the job is not sealed to the agent, or to a key that it does not have any more.
    case secret = "refused_secret"
    /// The policy of the host forbids it.
    case policy = "refused_by_policy"

    /// The outcome of a run that is refused; nothing was done.
    ///
    /// - Parameter message: why, in words.
    /// - Returns: the outcome.
    public func outcome(_ message: String) -> RunOutcome {
        RunOutcome(state: .failed, changed: false, error: RunError(code: rawValue, message: message))
    }
}
