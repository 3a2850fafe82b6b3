// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Something that following a job has to tell.
public enum JobUpdate: Hashable, Sendable {
    /// The record changed: as it is first, at every change of status or counts, and at the end.
    ///
    /// That of the end has the timeline; those before it may have none.
    case job(Job)
    /// The controller is away; said once, until it is back.
    case outage(BrokerClientError)
    /// The controller is back.
    case recovered
}

/// Decides where to learn of a job, and what is to be made of what is learnt.
///
/// It begins with the job's stream. A controller that gives none, since it is an older one, something on the way takes streams for
/// something else, or as many are open as may be, is asked for the record again and again. So is one whose stream has ended
/// with that of the job, for the record with all that it has.
///
/// Pure: `now` is passed in, as time since any fixed point.
package struct FollowStateMachine: Sendable {
    /// What to do after something was learnt.
    package struct Step: Hashable, Sendable {
        /// What to tell, in order.
        package let updates: [JobUpdate]
        /// How long to wait before the next step; nil at the end.
        package let pause: Duration?

        /// Makes a step of its parts.
        package init(updates: [JobUpdate], pause: Duration?) {
            self.updates = updates
            self.pause = pause
        }
    }

    /// Where to learn what happens next.
    package enum Source: Hashable, Sendable {
        /// The stream that is open, or one that is opened behind the last event.
        case stream(after: String?)
        /// The record.
        case record
    }

    /// Where to learn what happens next.
    package private(set) var source = Source.stream(after: nil)

    private var outage: OutageStateMachine
    private var last: Job?
    /// Whether the stream that is open has told anything.
    private var hasStreamTold = false

    /// A job of which nothing is known yet.
    package init(policy: FollowPolicy) {
        outage = OutageStateMachine(policy: policy)
    }

    /// Takes in the record that a look brought.
    package mutating func saw(_ job: Job) -> Step {
        let updates = updates(job)
        return Step(updates: updates, pause: job.status.isTerminal ? nil : outage.nextPause())
    }

    /// Takes in what a stream told.
    package mutating func streamed(_ event: StreamedEvent) -> Step {
        if let id = event.id { source = .stream(after: id) }
        hasStreamTold = true
        outage.hurry()
        guard case .job(let job) = event.content else { return Step(updates: [], pause: .zero) }
        guard !job.status.isTerminal else {
            // The record of the end is to have its timeline.
            source = .record
            return Step(updates: outage.answered() ? [.recovered] : [], pause: .zero)
        }
        return Step(updates: updates(job), pause: .zero)
    }

    /// Takes in that a stream ended or broke off; the next one goes on behind it.
    package mutating func streamEnded() -> Step {
        // One that tells nothing, not even how the job is, is no stream of a controller.
        if !hasStreamTold { source = .record }
        hasStreamTold = false
        return Step(updates: [], pause: outage.nextPause())
    }

    /// Takes in that no stream could be opened, or a look failed.
    ///
    /// - Throws: the error, if it is none that passes, or when patience is at its end.
    package mutating func failed(_ error: BrokerClientError, now: Duration) throws(BrokerClientError) -> Step {
        if source != .record, error.isRefusalOfStream {
            source = .record
            return Step(updates: [], pause: .zero)
        }
        let isNew = try outage.failed(error, now: now)
        return Step(updates: isNew ? [.outage(error)] : [], pause: outage.nextPause())
    }

    private mutating func updates(_ job: Job) -> [JobUpdate] {
        defer { last = job }
        let isNews = last?.status != job.status || last?.agentCounts != job.agentCounts
        return (outage.answered() ? [.recovered] : []) + (isNews ? [.job(job)] : [])
    }
}

extension BrokerClientError {
    /// Whether something answered that gives no stream, where it may well give the record.
    fileprivate var isRefusalOfStream: Bool {
        switch code {
        case .refused, .badAnswer: true
        case .unreachable, .untrusted, .timedOut, .invalidConfiguration: false
        }
    }
}
