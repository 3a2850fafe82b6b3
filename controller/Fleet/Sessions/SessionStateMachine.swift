// SPDX-License-Identifier: Apache-2.0

package import NNG
package import Wire

/// One agent's session: which of its messages count, what it holds, and whether its poll is parked.
///
/// Pure.
///
/// A session begins with a hello and lives on over broken links: the next poll of the same instance takes it up on
/// another pipe. It ends when another instance of the agent says hello, or with the controller.
package struct SessionStateMachine<Address: Sendable>: Sendable {
    /// The start of the agent program that this session belongs to.
    package let instance: String
    /// The connection of its latest message; nil while it has none.
    package private(set) var pipe: PipeID?
    /// Up to which delivery it holds; nil before its first poll.
    package private(set) var held: UInt64?
    /// Up to which delivery the store had nothing more for it.
    package private(set) var settled: UInt64 = 0
    /// Within what time its polls are answered, as it was told last.
    package var heartbeat: Duration

    private var pollSequence: UInt64 = 0
    private var parked: ParkedPoll<Address>?
    /// When something was last heard or said; a session without a parked poll that stays silent after it is dead.
    private var activeAt: ContinuousClock.Instant
    /// Since when it has to show that its link lives, since another process of its agent has come.
    private var challengedAt: ContinuousClock.Instant?

    /// A session that begins with a hello on `pipe`.
    package init(instance: String, pipe: PipeID, heartbeat: Duration, now: ContinuousClock.Instant) {
        self.instance = instance
        self.heartbeat = heartbeat
        self.pipe = pipe
        activeAt = now
    }

    /// What is to be done about a poll.
    package enum PollAction: Equatable, Sendable {
        /// It belongs to another instance: ask for a hello.
        case introduce
        /// It is older than one that was seen: drop it.
        case drop
        /// It counts. `news` says whether what the agent holds differs from what was known.
        case accept(news: Bool)
    }

    /// Takes in a poll.
    ///
    /// One that is accepted is parked once what it tells is on disk, not earlier: an offer that came before would be
    /// taken back by what the poll says it holds.
    package mutating func polled(_ poll: Poll, pipe: PipeID, now: ContinuousClock.Instant) -> PollAction {
        guard poll.instance == instance else { return .introduce }
        guard poll.sequence >= pollSequence else { return .drop }
        pollSequence = poll.sequence
        let news = held != poll.held
        held = poll.held
        self.pipe = pipe
        activeAt = now
        challengedAt = nil
        parked = nil
        return .accept(news: news)
    }

    /// Parks a poll that was accepted and stored.
    ///
    /// Work that is committed meanwhile finds the poll: whoever commits raises the signal afterwards, and whoever parks
    /// looks for work afterwards.
    package mutating func park(_ poll: ParkedPoll<Address>) {
        parked = poll
    }

    /// Notes any other message of this session.
    package mutating func heard(on pipe: PipeID, now: ContinuousClock.Instant) {
        self.pipe = pipe
        activeAt = now
        challengedAt = nil
    }

    /// Has it show that its link lives: it is to poll again, once the poll that is parked is answered.
    package mutating func challenge(now: ContinuousClock.Instant) {
        if challengedAt == nil { challengedAt = now }
    }

    /// Whether it was challenged before `limit` and has not been heard of since.
    package func hasFailedChallenge(since limit: ContinuousClock.Instant) -> Bool {
        guard pipe != nil, let challengedAt else { return false }
        return challengedAt <= limit
    }

    /// Whether a poll is parked.
    package var isParked: Bool { parked != nil }

    /// Whether there may be work, given the highest number of a delivery to this agent.
    package func wantsWork(lastDelivery: UInt64) -> Bool {
        // An agent that holds more than was given to it has its runs renumbered by the store: that has to be looked up.
        parked != nil && (lastDelivery > max(held ?? 0, settled) || held ?? 0 > max(lastDelivery, settled))
    }

    /// Takes the parked poll to answer it; nil where there is none.
    package mutating func takeParked(now: ContinuousClock.Instant) -> ParkedPoll<Address>? {
        defer {
            if parked != nil { activeAt = now }
            parked = nil
        }
        return parked
    }

    /// Notes that what the last poll told could not be stored; the next one counts as news again.
    package mutating func notStored() {
        held = nil
    }

    /// Parks a poll again that was taken and for which the store had nothing up to `settled`.
    ///
    /// - Returns: false where another poll has come meanwhile, which then stays.
    package mutating func parkAgain(_ poll: ParkedPoll<Address>, settled: UInt64) -> Bool {
        self.settled = max(self.settled, settled)
        guard parked == nil else { return false }
        parked = poll
        return true
    }

    /// Whether a poll has been parked for as long as it may be.
    package func isOverdue(now: ContinuousClock.Instant) -> Bool {
        parked.map { $0.since + heartbeat <= now } ?? false
    }

    /// Whether the session has a pipe, no parked poll, and has been silent since before `limit`.
    package func isSilent(since limit: ContinuousClock.Instant) -> Bool {
        pipe != nil && parked == nil && activeAt <= limit
    }

    /// Notes that the session has no connection any more.
    package mutating func disconnected() {
        pipe = nil
        parked = nil
        challengedAt = nil
    }
}
