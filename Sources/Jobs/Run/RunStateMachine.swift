// SPDX-License-Identifier: Apache-2.0

/// What can happen to a run.
public enum RunEvent: Hashable, Sendable {
    /// The agent holds the run on its disk.
    case acknowledged
    /// The agent began to execute it.
    case started
    /// The run has its host start again, and waits for that; the agent may be away until then.
    case goingDown(bootID: String, until: Timestamp)
    /// The agent stored an outcome.
    case ended(RunOutcome)
    /// An attempt ended so, and the agent holds the next one.
    case retrying(RunOutcome)
    /// The deadline passed and the run was never offered to its agent.
    case expired
    /// The run was, or may have been, delivered, and the agent has been silent for longer than the lease.
    case lost
    /// The run was, or may have been, delivered, and its agent has lost the ledger that would know of it.
    case forgotten
    /// The run was withdrawn before the agent could have seen it.
    case withdrawn
}

/// Decides what an event makes of a run.
///
/// Pure: no clock, no I/O; `now` is passed in.
///
/// Reports may come twice (a request is sent again after a broken link) and out of date (a controller that has given up
/// on an agent hears from it). Neither is an error: the machine answers ``Decision/ignored`` and the sender gets its
/// receipt all the same.
public struct RunStateMachine: Sendable {
    /// What an event made of a run.
    public enum Decision: Hashable, Sendable {
        /// The run moved; `steps` are the timeline events of this move, in order, those that were left out included.
        case moved(Run, steps: [TimelineEvent.Kind])
        /// The run stays as it is: the event was known, or came too late to matter.
        case ignored
    }

    /// Decides what `event` makes of `run`.
    ///
    /// - Parameters:
    ///   - run: the run as it is stored.
    ///   - event: what happened.
    ///   - attempt: the attempt that the event speaks of. An event of an earlier one is ignored; one of a later one says
    ///     as well that the agent went on to it.
    ///   - now: the controller's time.
    /// - Returns: the moved run with what the timeline is to say, or that nothing moves.
    public static func decide(_ run: Run, _ event: RunEvent, attempt: Int, now: Timestamp) -> Decision {
        guard attempt >= run.attempt else { return .ignored }
        // That one attempt followed another is told, also where the report of it did not come.
        let isLater = attempt > run.attempt && run.acknowledgedAt != nil
        let run = begun(run, attempt: attempt)
        if case .retrying(let outcome) = event { return retry(run, outcome, isLater ? [.retrying] : [], now: now) }
        if case .goingDown(_, let until) = event { return goDown(run, until, isLater ? [.retrying] : [], now: now) }
        let target = event.state
        guard run.state.progress < target.progress || isLateTruth(run, event) else { return .ignored }
        if case .expired = event, run.state != .pending { return .ignored }
        if case .withdrawn = event, run.state != .pending { return .ignored }

        var moved = run
        var steps: [TimelineEvent.Kind] = isLater ? [.retrying] : []
        if event.impliesDelivery { stepThroughDelivery(&moved, began: event.tellsOfBeginning, &steps, now: now) }
        moved.state = target
        if target.isTerminal {
            moved.completedAt = now
            finish(&moved, event)
            moved.awaitedUntil = nil
            steps.append(TimelineEvent.Kind(target))
        }
        return .moved(moved, steps: steps)
    }

    /// The run at the beginning of a later attempt than it is known to be in; the same run where it is known.
    private static func begun(_ run: Run, attempt: Int) -> Run {
        guard attempt > run.attempt, !run.state.isTerminal || run.state == .lost else { return run }
        var later = run
        later.attempt = attempt
        later.awaitedUntil = nil
        if later.state == .started { later.state = .acknowledged }
        return later
    }

    /// Goes on to the next attempt; a lost run stays lost until one of its attempts tells how it ended.
    private static func retry(
        _ run: Run,
        _ outcome: RunOutcome,
        _ before: [TimelineEvent.Kind],
        now: Timestamp
    ) -> Decision {
        guard !run.state.isTerminal || run.state == .lost else { return .ignored }
        var moved = run
        var steps = before
        stepThroughDelivery(&moved, began: outcome.tellsOfBeginning, &steps, now: now)
        moved.attempt += 1
        moved.awaitedUntil = nil
        moved.changed = changed(before: run, in: outcome)
        if moved.state != .lost { moved.state = .acknowledged }
        return .moved(moved, steps: steps + [.retrying])
    }

    /// Has a run that is open wait for its host; said again, it changes nothing.
    private static func goDown(
        _ run: Run,
        _ until: Timestamp,
        _ before: [TimelineEvent.Kind],
        now: Timestamp
    ) -> Decision {
        guard !run.state.isTerminal, run.awaitedUntil == nil else { return .ignored }
        var moved = run
        var steps = before
        stepThroughDelivery(&moved, began: true, &steps, now: now)
        moved.state = .started
        moved.awaitedUntil = until
        return .moved(moved, steps: steps + [.goingDown])
    }

    /// Whether the host is changed after an attempt: what an earlier one changed stays changed, and what an earlier one may
    /// have changed is not known.
    private static func changed(before run: Run, in outcome: RunOutcome) -> Bool? {
        if run.changed == true || outcome.changed == true { return true }
        return run.attempt > 1 && run.changed == nil ? nil : outcome.changed
    }

    /// A lost run takes the outcome that its agent stored; no other terminal state changes.
    private static func isLateTruth(_ run: Run, _ event: RunEvent) -> Bool {
        guard case .ended(let outcome) = event else { return false }
        return run.state == .lost && outcome.state != .lost
    }

    private static func stepThroughDelivery(
        _ run: inout Run,
        began: Bool,
        _ steps: inout [TimelineEvent.Kind],
        now: Timestamp
    ) {
        if run.acknowledgedAt == nil {
            run.acknowledgedAt = now
            steps.append(.acknowledged)
        }
        // Each attempt has a beginning; the run's own is that of the first.
        let isLaterAttempt = run.attempt > 1 && run.state == .acknowledged
        if began, run.startedAt == nil || isLaterAttempt {
            run.startedAt = run.startedAt ?? now
            steps.append(.started)
        }
    }

    private static func finish(_ run: inout Run, _ event: RunEvent) {
        switch event {
        case .ended(let outcome):
            run.changed = changed(before: run, in: outcome)
            run.error = outcome.error
            run.data = outcome.data
            run.digest = outcome.digest
        case .expired:
            run.error = RunError(code: "expired", message: "not delivered before the job's deadline")
        case .lost where run.awaitedUntil != nil:
            run.error = RunError(code: "lost", message: "the host went down to start again, and is not back in time")
        case .lost:
            run.error = RunError(code: "lost", message: "delivered, but the agent did not come back to tell")
        case .forgotten:
            let message = "delivered, but the agent has lost the ledger that would tell what became of it"
            run.error = RunError(code: "lost", message: message)
        case .withdrawn:
            run.error = RunError(code: "cancelled", message: "withdrawn before delivery")
        case .acknowledged, .started, .goingDown, .retrying:
            break
        }
    }
}

extension RunEvent {
    var state: RunState {
        switch self {
        case .acknowledged: .acknowledged
        case .started, .goingDown: .started
        case .ended(let outcome): outcome.state
        case .retrying: .acknowledged
        case .expired: .expired
        case .lost, .forgotten: .lost
        case .withdrawn: .cancelled
        }
    }

    /// Whether the event can only come from a run that has begun.
    var tellsOfBeginning: Bool {
        switch self {
        case .started, .goingDown: true
        case .ended(let outcome), .retrying(let outcome): outcome.tellsOfBeginning
        case .acknowledged, .expired, .lost, .forgotten, .withdrawn: false
        }
    }

    /// Whether the event can only come from an agent that holds the run.
    var impliesDelivery: Bool {
        switch self {
        case .acknowledged, .started, .goingDown, .ended, .retrying: true
        case .expired, .lost, .forgotten, .withdrawn: false
        }
    }
}

extension RunOutcome {
    /// Whether only a run that has begun can end so: one that was skipped, expired or cancelled on its agent may never have
    /// begun, and one that was refused has not.
    fileprivate var tellsOfBeginning: Bool {
        switch state {
        case .completed, .timedOut: true
        case .failed: error.flatMap { Refusal(rawValue: $0.code) } == nil
        case .skipped, .cancelled, .expired, .pending, .acknowledged, .started, .lost: false
        }
    }
}
