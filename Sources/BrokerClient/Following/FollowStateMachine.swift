// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Something that following a job has to tell.
public enum JobUpdate: Hashable, Sendable {
    /// The record changed: the first look, every change of status or counts, and the end.
    case job(Job)
    /// The controller is away; said once, until it is back.
    case outage(BrokerClientError)
    /// The controller is back.
    case recovered
}

/// Decides what a look at a job means.
///
/// Pure: `now` is passed in, as time since any fixed point.
package struct FollowStateMachine: Sendable {
    /// What to do after a look.
    package struct Step: Hashable, Sendable {
        /// What to tell, in order.
        package let updates: [JobUpdate]
        /// How long to wait before the next look; nil at the end.
        package let pause: Duration?
    }

    private let policy: FollowPolicy
    private var interval: Duration
    private var last: Job?
    private var outageBegan: Duration?

    /// A job at which nobody has looked yet.
    package init(policy: FollowPolicy) {
        self.policy = policy
        interval = policy.firstInterval
    }

    /// Takes in the record that a look brought.
    package mutating func saw(_ job: Job) -> Step {
        var updates: [JobUpdate] = []
        if outageBegan != nil {
            outageBegan = nil
            updates.append(.recovered)
        }
        if last?.status != job.status || last?.agentCounts != job.agentCounts { updates.append(.job(job)) }
        last = job
        return Step(updates: updates, pause: job.status.isTerminal ? nil : nextPause())
    }

    /// Takes in that a look failed.
    ///
    /// - Throws: the error, if it is none that passes, or when patience is at its end.
    package mutating func failed(_ error: BrokerClientError, now: Duration) throws(BrokerClientError) -> Step {
        guard error.isOutage else { throw error }
        guard let began = outageBegan else {
            outageBegan = now
            return Step(updates: [.outage(error)], pause: nextPause())
        }
        guard now - began < policy.patience else { throw error }
        return Step(updates: [], pause: nextPause())
    }

    private mutating func nextPause() -> Duration {
        let pause = interval
        interval = min(interval * 3 / 2, policy.longestInterval)
        return pause
    }
}
