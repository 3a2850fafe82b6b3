// SPDX-License-Identifier: Apache-2.0

/// Decides how long to be patient with a controller that is away, and how long to pause before the next try.
///
/// Pure: `now` is passed in, as time since any fixed point.
struct OutageStateMachine: Sendable {
    private let policy: FollowPolicy
    private var interval: Duration
    private var began: Duration?

    /// A controller that is there.
    init(policy: FollowPolicy) {
        self.policy = policy
        interval = policy.firstInterval
    }

    /// The pause before the next try, each half as long again as the one before.
    mutating func nextPause() -> Duration {
        let pause = interval
        interval = min(interval * 3 / 2, policy.longestInterval)
        return pause
    }

    /// Begins with the shortest pause again.
    mutating func hurry() {
        interval = policy.firstInterval
    }

    /// Takes in that the controller answered.
    ///
    /// - Returns: whether it was away.
    mutating func answered() -> Bool {
        defer { began = nil }
        return began != nil
    }

    /// Takes in that a try failed.
    ///
    /// - Returns: whether the outage begins with it.
    /// - Throws: the error, if it is none that passes, or when patience is at its end.
    mutating func failed(_ error: BrokerClientError, now: Duration) throws(BrokerClientError) -> Bool {
        guard error.isOutage else { throw error }
        guard let began else {
            began = now
            return true
        }
        guard now - began < policy.patience else { throw error }
        return false
    }
}
