// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct RunStateMachineTests {
    private static let outcomes: [RunState] = [
        .completed, .failed, .skipped, .timedOut, .cancelled, .expired,
    ]

    private func run(_ state: RunState = .pending, attempt: Int = 1) -> Run {
        Run(
            jobID: JobID(high: 1, low: 1),
            agentID: AgentID("a"),
            hostname: "web-1",
            state: state,
            attempt: attempt
        )
    }

    private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private func moved(_ decision: RunStateMachine.Decision) -> (run: Run, steps: [TimelineEvent.Kind])? {
        guard case .moved(let run, let steps) = decision else { return nil }
        return (run, steps)
    }

    @Test func `a run goes its way step by step`() throws {
        let error = RunError(code: "non_zero_exit", message: "exit code 3")
        let outcome = RunOutcome(state: .failed, changed: true, error: error, data: ["exit_code": 3])

        let held = try #require(moved(RunStateMachine.decide(run(), .acknowledged, attempt: 1, now: time(10))))
        let begun = try #require(moved(RunStateMachine.decide(held.run, .started, attempt: 1, now: time(20))))
        let ended = try #require(moved(RunStateMachine.decide(begun.run, .ended(outcome), attempt: 1, now: time(30))))

        #expect([held.run.state, begun.run.state, ended.run.state] == [.acknowledged, .started, .failed])
        #expect([held.steps, begun.steps, ended.steps] == [[.acknowledged], [.started], [.failed]])
        #expect(ended.run.acknowledgedAt == time(10))
        #expect(ended.run.startedAt == time(20))
        #expect(ended.run.completedAt == time(30))
        #expect(begun.run.completedAt == nil)
        #expect(ended.run.changed == true)
        #expect(ended.run.error == error)
        #expect(ended.run.data == ["exit_code": 3])
    }

    @Test func `a run that has its host start again is awaited from the first word of it on, until it ends`() throws {
        let going = RunEvent.goingDown(bootID: "one", until: time(99))
        let down = try #require(moved(RunStateMachine.decide(run(.acknowledged), going, attempt: 1, now: time(10))))
        #expect(down.run.state == .started && down.run.awaitedUntil == time(99))
        #expect(down.steps == [.acknowledged, .started, .goingDown])

        #expect(RunStateMachine.decide(down.run, going, attempt: 1, now: time(11)) == .ignored)
        #expect(RunStateMachine.decide(down.run, .started, attempt: 1, now: time(11)) == .ignored)
        #expect(RunStateMachine.decide(run(.completed), going, attempt: 1, now: time(11)) == .ignored)
        #expect(RunStateMachine.decide(run(.lost), going, attempt: 1, now: time(11)) == .ignored)

        let lost = try #require(moved(RunStateMachine.decide(down.run, .lost, attempt: 1, now: time(100))))
        #expect(lost.run.awaitedUntil == nil)
        #expect(lost.run.error?.message == "the host went down to start again, and is not back in time")
        let back = RunEvent.ended(RunOutcome(state: .completed, changed: true))
        let late = try #require(moved(RunStateMachine.decide(lost.run, back, attempt: 1, now: time(200))))
        #expect(late.run.state == .completed && late.steps == [.completed])
    }

    private static let leaps: [(outcome: RunState, steps: [TimelineEvent.Kind])] = [
        (.completed, [.acknowledged, .started, .completed]),
        (.failed, [.acknowledged, .started, .failed]),
        (.timedOut, [.acknowledged, .started, .timedOut]),
        (.skipped, [.acknowledged, .skipped]),
        (.cancelled, [.acknowledged, .cancelled]),
        (.expired, [.acknowledged, .expired]),
    ]

    @Test(arguments: leaps)
    func `steps that were left out are filled in`(outcome: RunState, steps: [TimelineEvent.Kind]) throws {
        let event = RunEvent.ended(RunOutcome(state: outcome))

        let ended = try #require(moved(RunStateMachine.decide(run(), event, attempt: 1, now: time(5))))

        #expect(ended.steps == steps)
        #expect(ended.run.state == outcome)
        #expect(ended.run.acknowledgedAt == time(5))
        #expect((ended.run.startedAt != nil) == steps.contains(.started))
    }

    @Test(arguments: Refusal.allCases) func `a run that was refused has not begun`(refusal: Refusal) throws {
        let event = RunEvent.ended(refusal.outcome("no"))

        let ended = try #require(moved(RunStateMachine.decide(run(), event, attempt: 1, now: time(5))))

        #expect(ended.steps == [.acknowledged, .failed])
        #expect(ended.run.startedAt == nil)
        #expect(ended.run.error == RunError(code: refusal.rawValue, message: "no"))
    }

    @Test func `the controller's own ends say why`() throws {
        let expired = try #require(moved(RunStateMachine.decide(run(), .expired, attempt: 1, now: time(5))))
        let lost = try #require(moved(RunStateMachine.decide(run(.started), .lost, attempt: 1, now: time(5))))
        let withdrawn = try #require(moved(RunStateMachine.decide(run(), .withdrawn, attempt: 1, now: time(5))))

        #expect(expired.run.error?.code == "expired")
        #expect(expired.steps == [.expired])
        #expect(lost.run.error?.code == "lost")
        #expect(lost.steps == [.lost])
        #expect(withdrawn.run.state == .cancelled)
        #expect(withdrawn.steps == [.cancelled])
        #expect(withdrawn.run.acknowledgedAt == nil)
    }

    @Test(arguments: [RunState.acknowledged, .started])
    func `a run that an agent holds neither expires nor is withdrawn by the controller`(state: RunState) {
        #expect(RunStateMachine.decide(run(state), .expired, attempt: 1, now: time(5)) == .ignored)
        #expect(RunStateMachine.decide(run(state), .withdrawn, attempt: 1, now: time(5)) == .ignored)
    }

    @Test func `an event of an earlier attempt is ignored`() {
        for attempt in [0, 1] {
            let decision = RunStateMachine.decide(run(attempt: 2), .acknowledged, attempt: attempt, now: time(5))
            #expect(decision == .ignored)
        }
        #expect(moved(RunStateMachine.decide(run(attempt: 2), .acknowledged, attempt: 2, now: time(5))) != nil)
    }

    @Test(
        arguments: [
            (nil, false, nil), (nil, nil, nil), (nil, true, true), (false, false, false), (false, nil, nil),
            (false, true, true), (true, false, true), (true, nil, true),
        ] as [(Bool?, Bool?, Bool?)]
    )
    func `whether the host is changed is known only as far as each attempt knows`(
        first: Bool?,
        second: Bool?,
        whole: Bool?
    ) throws {
        let failed = RunEvent.retrying(RunOutcome(state: .failed, changed: first))
        let last = RunEvent.ended(RunOutcome(state: .cancelled, changed: second))

        let again = try #require(moved(RunStateMachine.decide(run(), failed, attempt: 1, now: time(5))))
        let ended = try #require(moved(RunStateMachine.decide(again.run, last, attempt: 2, now: time(6))))

        #expect(again.run.changed == first)
        #expect(ended.run.changed == whole)
    }

    @Test func `an attempt that another follows leaves the run open, and what it changed counts`() throws {
        let error = RunError(code: "non_zero_exit", message: "exit code 3")
        let failed = RunOutcome(state: .failed, changed: true, error: error)
        let well = RunOutcome(state: .completed, changed: false)

        let again = try #require(moved(RunStateMachine.decide(run(), .retrying(failed), attempt: 1, now: time(5))))
        let begun = try #require(moved(RunStateMachine.decide(again.run, .started, attempt: 2, now: time(6))))
        let ended = try #require(moved(RunStateMachine.decide(begun.run, .ended(well), attempt: 2, now: time(7))))

        #expect(again.steps == [.acknowledged, .started, .retrying])
        #expect(again.run.state == .acknowledged && again.run.attempt == 2)
        #expect(begun.run.state == .started && begun.run.startedAt == time(5))
        #expect(ended.run.state == .completed && ended.run.attempt == 2 && ended.run.changed == true)
        #expect(RunStateMachine.decide(again.run, .retrying(failed), attempt: 1, now: time(8)) == .ignored)
        #expect(RunStateMachine.decide(begun.run, .ended(failed), attempt: 1, now: time(8)) == .ignored)
    }

    @Test func `an attempt of which nothing was told is made up for by the next`() throws {
        let begun = try #require(moved(RunStateMachine.decide(run(.started), .started, attempt: 2, now: time(5))))
        let outcome = RunOutcome(state: .completed)
        let ended = try #require(moved(RunStateMachine.decide(run(), .ended(outcome), attempt: 3, now: time(5))))

        #expect(begun.run.state == .started && begun.run.attempt == 2)
        #expect(ended.run.state == .completed && ended.run.attempt == 3)
    }

    @Test func `a lost run stays lost while its agent tells of attempts, and takes the outcome of the last`() throws {
        let failed = RunOutcome(state: .failed)
        let lost = try #require(moved(RunStateMachine.decide(run(.started), .lost, attempt: 1, now: time(5)))).run

        let again = try #require(moved(RunStateMachine.decide(lost, .retrying(failed), attempt: 1, now: time(6)))).run
        let ended = try #require(moved(RunStateMachine.decide(again, .ended(failed), attempt: 2, now: time(7)))).run

        #expect(again.state == .lost && again.attempt == 2 && again.completedAt == time(5))
        #expect(ended.state == .failed && ended.attempt == 2)
    }

    @Test(arguments: RunState.allCases.filter { $0.isTerminal && $0 != .lost })
    func `a terminal state stays`(state: RunState) {
        let controller: [RunEvent] = [.acknowledged, .started, .expired, .lost, .withdrawn]
        let events = controller + Self.outcomes.map { .ended(RunOutcome(state: $0)) }

        for event in events {
            #expect(RunStateMachine.decide(run(state), event, attempt: 1, now: time(5)) == .ignored)
        }
    }

    @Test(arguments: outcomes)
    func `a lost run takes the outcome that its agent stored, and nothing else`(outcome: RunState) throws {
        let lost = try #require(moved(RunStateMachine.decide(run(), .lost, attempt: 1, now: time(5)))).run
        for event in [RunEvent.acknowledged, .started, .lost, .expired, .withdrawn] {
            #expect(RunStateMachine.decide(lost, event, attempt: 1, now: time(6)) == .ignored)
        }

        let event = RunEvent.ended(RunOutcome(state: outcome, changed: false))
        let late = try #require(moved(RunStateMachine.decide(lost, event, attempt: 1, now: time(9))))

        #expect(late.run.state == outcome)
        #expect(late.run.completedAt == time(9))
        #expect(late.run.error == nil)
        #expect(late.run.changed == false)
        #expect(RunStateMachine.decide(late.run, event, attempt: 1, now: time(10)) == .ignored)
    }
}
