// SPDX-License-Identifier: Apache-2.0

/// Decides how a process is brought to its end.
///
/// Pure: no clock, no I/O; `now` is the time since the start.
///
/// While the process runs, nothing is done to it until its time is up or the run is cancelled. Then its whole process
/// group gets SIGTERM and, when the grace is over, SIGKILL; the group is asked after until nobody is left in it. A
/// process that ends by itself leaves the other members of its group alone: they are what it meant to leave behind.
/// In each case the output is read until it ends, or for the time of `drain` where somebody keeps it open.
struct ProcessStateMachine: Sendable {
    /// Why a process was ended.
    enum Ending: Hashable, Sendable {
        /// It ran past its limit.
        case timedOut
        /// The run was cancelled.
        case cancelled
    }

    /// What happens to a process.
    enum Event: Hashable, Sendable {
        /// Time has passed.
        case tick
        /// The run is to be cancelled.
        case cancelled
        /// The process itself has ended.
        case exited
        /// Whether anybody else is left in the group, as asked by ``Action/askAfterGroup``.
        case groupAnswered(isEmpty: Bool)
        /// Both outputs have ended.
        case outputEnded
    }

    /// What to do.
    enum Action: Hashable, Sendable {
        /// Send SIGTERM to the group.
        case terminateGroup
        /// Send SIGKILL to the group.
        case killGroup
        /// Find out whether anybody is left in the group and tell by ``Event/groupAnswered(isEmpty:)``.
        case askAfterGroup
        /// Stop reading and report.
        case finish
    }

    private enum Phase: Hashable, Sendable {
        case running
        /// SIGTERM was sent; SIGKILL follows at `killAt`.
        case terminating(killAt: Duration)
        /// SIGKILL was sent; who is still there at `giveUpAt` cannot be killed.
        case killing(giveUpAt: Duration)
        case draining(until: Duration)
        case finished
    }

    /// How often a group is asked after.
    static let askInterval = Duration.milliseconds(100)
    /// How long a process may take to die of SIGKILL; one that waits for a dead disk may take for ever.
    static let killPatience = Duration.seconds(10)

    private let timeout: Duration
    private let grace: Duration
    private let drain: Duration
    private var phase = Phase.running
    private var outputHasEnded = false
    private var nextAsk: Duration?
    /// Why the process was ended; nil while it was not, and when it ended by itself.
    private(set) var ending: Ending?
    /// Whether the process itself has ended.
    private(set) var hasExited = false

    /// Makes the machine of a process that was just started.
    init(timeout: Duration, grace: Duration, drain: Duration) {
        self.timeout = timeout
        self.grace = grace
        self.drain = drain
    }

    /// Until when, at the latest, ``handle(_:at:)`` wants to hear of a ``Event/tick``; nil when finished.
    var wakeUp: Duration? {
        let end: Duration? =
            switch phase {
            case .running: timeout
            case .terminating(let time), .killing(let time), .draining(let time): time
            case .finished: nil
            }
        guard let end, let nextAsk else { return end }
        return min(end, nextAsk)
    }

    /// Takes an event and answers what to do, in order.
    mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        switch event {
        case .tick: return handleTick(at: now)
        case .cancelled: return phase == .running ? end(.cancelled, at: now) : []
        case .exited: return handleExit(at: now)
        case .groupAnswered(let isEmpty): return handleAnswer(isEmpty: isEmpty, at: now)
        case .outputEnded:
            outputHasEnded = true
            guard case .draining = phase else { return [] }
            phase = .finished
            return [.finish]
        }
    }

    private mutating func handleTick(at now: Duration) -> [Action] {
        switch phase {
        case .running where now >= timeout: return end(.timedOut, at: now)
        case .terminating(let killAt) where now >= killAt:
            phase = .killing(giveUpAt: now + Self.killPatience)
            nextAsk = hasExited ? now + Self.askInterval : nil
            return [.killGroup]
        case .killing(let giveUpAt) where now >= giveUpAt: return beginDrain(at: now)
        case .draining(let until) where now >= until:
            phase = .finished
            return [.finish]
        case .running, .terminating, .killing, .draining, .finished: break
        }
        guard let ask = nextAsk, now >= ask else { return [] }
        nextAsk = now + Self.askInterval
        return [.askAfterGroup]
    }

    private mutating func end(_ reason: Ending, at now: Duration) -> [Action] {
        ending = reason
        phase = .terminating(killAt: now + grace)
        return [.terminateGroup]
    }

    private mutating func handleExit(at now: Duration) -> [Action] {
        hasExited = true
        switch phase {
        case .running:
            // A host that slept tells of the exit and of the limit at once; the command ran past it all the same.
            if now >= timeout { ending = .timedOut }
            return beginDrain(at: now)
        case .terminating, .killing:
            nextAsk = now + Self.askInterval
            return [.askAfterGroup]
        case .draining, .finished: return []
        }
    }

    private mutating func handleAnswer(isEmpty: Bool, at now: Duration) -> [Action] {
        switch phase {
        case .terminating, .killing: isEmpty ? beginDrain(at: now) : []
        case .running, .draining, .finished: []
        }
    }

    private mutating func beginDrain(at now: Duration) -> [Action] {
        nextAsk = nil
        if outputHasEnded {
            phase = .finished
            return [.finish]
        }
        phase = .draining(until: now + drain)
        return []
    }
}
