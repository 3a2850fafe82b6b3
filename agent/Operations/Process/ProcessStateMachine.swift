// SPDX-License-Identifier: Apache-2.0

/// Decides how a run's processes are brought to their end.
///
/// Pure: no clock, no I/O; `now` is the time since the start.
///
/// While the program runs, nothing is done to it until its time is up or the run is cancelled. Then everything that
/// descends from it gets SIGTERM and, if anybody is left when the grace is over, SIGKILL; without a grace SIGKILL at
/// once. That takes until the supervisor tells that nobody is left. A program that ends by itself leaves its
/// descendants alone: they are what it meant to leave behind. In each case the output is read until it ends, or for the
/// time of `drain` where somebody keeps it open.
struct ProcessStateMachine: Sendable {
    /// Why a run was ended.
    enum Ending: Hashable, Sendable {
        /// It ran past its limit.
        case timedOut
        /// The run was cancelled.
        case cancelled
        /// It was not: the agent has let go of it.
        case left
    }

    /// What had to be sent to end a run.
    enum Stop: Hashable, Sendable {
        /// SIGTERM was enough.
        case terminated
        /// SIGKILL, so long after SIGTERM; nil if that was not sent before.
        case killed(after: Duration?)
    }

    /// What happens to a run.
    enum Event: Hashable, Sendable {
        /// Time has passed.
        case tick
        /// The run is to be cancelled; from SIGTERM to SIGKILL it has `grace`, nil for that of the settings.
        case cancelled(grace: Duration?)
        /// The run is to be left running.
        case left
        /// SIGTERM was sent, as asked by ``Action/terminate``, to `count` processes.
        case signalled(count: Int)
        /// The program itself has ended.
        case exited
        /// The supervisor has ended: no process of the run is left.
        case vanished
        /// Both outputs have ended.
        case outputEnded
    }

    /// What to do.
    enum Action: Hashable, Sendable {
        /// Send SIGTERM to all processes of the run and tell by ``Event/signalled(count:)``.
        case terminate
        /// Have the supervisor kill all processes of the run.
        case kill
        /// Have the supervisor let go of what the program leaves behind.
        case release
        /// Have the supervisor stay with the program without the agent.
        case leave
        /// Stop reading and report.
        case finish
    }

    private enum Phase: Hashable, Sendable {
        case running
        /// SIGTERM was sent at `since`; SIGKILL follows at `killAt`.
        case terminating(since: Duration, killAt: Duration)
        /// SIGKILL was sent; who is still there at `giveUpAt` cannot be killed.
        case killing(giveUpAt: Duration)
        case draining(until: Duration)
        case finished
    }

    /// How long a process may take to die of SIGKILL; one that waits for a dead disk may take for ever.
    static let killPatience = Duration.seconds(10)

    private let timeout: Duration
    private let grace: Duration
    private let drain: Duration
    private var phase = Phase.running
    private var outputHasEnded = false
    /// Why the run was ended; nil while it was not, and when it ended by itself.
    private(set) var ending: Ending?
    /// What had to be sent to end it; nil while nothing was.
    private(set) var stop: Stop?
    /// Whether the program itself has ended.
    private(set) var hasExited = false
    /// Whether the supervisor has ended or is about to, with no more to tell.
    private(set) var isOver = false
    /// Whether some process was left after SIGKILL.
    private(set) var hasGivenUp = false

    /// Makes the machine of a run whose program was just started.
    init(timeout: Duration, grace: Duration, drain: Duration) {
        self.timeout = timeout
        self.grace = grace
        self.drain = drain
    }

    /// Until when, at the latest, ``handle(_:at:)`` wants to hear of a ``Event/tick``; nil when finished.
    var wakeUp: Duration? {
        switch phase {
        case .running: timeout
        case .terminating(_, let time), .killing(let time), .draining(let time): time
        case .finished: nil
        }
    }

    /// Takes an event and answers what to do, in order.
    mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        switch event {
        case .tick: return handleTick(at: now)
        case .cancelled(let grace): return handleCancellation(grace: grace ?? self.grace, at: now)
        case .left:
            guard phase == .running else { return [] }
            ending = .left
            phase = .finished
            return [.leave, .finish]
        case .signalled(let count): return handleSignalled(count: count, at: now)
        case .exited: return handleExit(at: now)
        case .vanished:
            isOver = true
            switch phase {
            case .running, .terminating, .killing: return beginDrain(at: now)
            case .draining, .finished: return []
            }
        case .outputEnded:
            outputHasEnded = true
            guard case .draining = phase else { return [] }
            phase = .finished
            return [.finish]
        }
    }

    private mutating func handleTick(at now: Duration) -> [Action] {
        switch phase {
        case .running where now >= timeout: return end(.timedOut, grace: grace, at: now)
        case .terminating(let since, let killAt) where now >= killAt: return kill(after: killAt - since, at: now)
        case .killing(let giveUpAt) where now >= giveUpAt:
            hasGivenUp = true
            return beginDrain(at: now)
        case .draining(let until) where now >= until:
            phase = .finished
            return [.finish]
        case .running, .terminating, .killing, .draining, .finished: return []
        }
    }

    private mutating func handleCancellation(grace: Duration, at now: Duration) -> [Action] {
        switch phase {
        case .running: return end(.cancelled, grace: grace, at: now)
        case .terminating(let since, let killAt) where now + grace < killAt:
            if grace <= .zero { return kill(after: now - since, at: now) }
            phase = .terminating(since: since, killAt: now + grace)
            return []
        case .terminating, .killing, .draining, .finished: return []
        }
    }

    private mutating func end(_ reason: Ending, grace: Duration, at now: Duration) -> [Action] {
        ending = reason
        guard grace > .zero else { return kill(after: nil, at: now) }
        phase = .terminating(since: now, killAt: now + grace)
        return [.terminate]
    }

    private mutating func kill(after grace: Duration?, at now: Duration) -> [Action] {
        stop = .killed(after: grace)
        phase = .killing(giveUpAt: now + Self.killPatience)
        return [.kill]
    }

    private mutating func handleSignalled(count: Int, at now: Duration) -> [Action] {
        guard case .terminating = phase else { return [] }
        if count > 0 {
            stop = .terminated
            return []
        }
        // Nobody was there to be ended.
        return hasExited ? letGo(at: now) : []
    }

    private mutating func handleExit(at now: Duration) -> [Action] {
        hasExited = true
        switch phase {
        case .running:
            // A host that slept tells of the exit and of the limit at once; the command ran past it all the same.
            return now < timeout ? letGo(at: now) : end(.timedOut, grace: grace, at: now)
        case .terminating:
            // What ended before it could be told to did so by itself.
            if stop == nil, ending == .cancelled {
                ending = nil
                return letGo(at: now)
            }
            return []
        case .killing, .draining, .finished: return []
        }
    }

    private mutating func letGo(at now: Duration) -> [Action] {
        isOver = true
        return [.release] + beginDrain(at: now)
    }

    private mutating func beginDrain(at now: Duration) -> [Action] {
        if outputHasEnded {
            phase = .finished
            return [.finish]
        }
        phase = .draining(until: now + drain)
        return []
    }
}
