// SPDX-License-Identifier: Apache-2.0

import Jobs
import Randomness
import Testing

/// A job of a few hosts, driven by random events, with what a timeline would hold of it.
struct JobModel {
    struct Line: Hashable {
        let host: Int
        let kind: TimelineEvent.Kind
        let time: Timestamp
    }

    var runs: [Run]
    var machine: JobStateMachine
    var timeline: [Line] = []
    var now = Timestamp(milliseconds: 1_000_000)
    /// When the job first had no run left that was not terminal.
    var endedAt: Timestamp?

    init(size: Int) {
        runs = (0..<size).map { index in
            Run(jobID: JobID(high: 1, low: 2), agentID: AgentID("a\(index)"), hostname: "h\(index)")
        }
        machine = JobStateMachine(frozenSetSize: size)
    }

    /// Lets an event happen to a run, as the store does; answers whether the run moved.
    mutating func apply(_ event: RunEvent, to host: Int, attempt: Int = 1) -> Bool {
        now = now + .milliseconds(7)
        let old = runs[host]
        guard case .moved(let new, let steps) = RunStateMachine.decide(old, event, attempt: attempt, now: now) else {
            return false
        }
        runs[host] = new
        machine.runMoved(from: old, to: new, now: now)
        timeline += steps.map { Line(host: host, kind: $0, time: now) }
        if endedAt == nil, runs.allSatisfy(\.state.isTerminal) { endedAt = now }
        return true
    }

    /// Lets an event happen that has to move the run.
    mutating func expectMove(_ event: RunEvent, of host: Int) {
        let moved = apply(event, to: host)
        #expect(moved)
    }

    /// An event as it may come in, in any order and more than once.
    static func randomEvent(using random: inout SeededGenerator) -> RunEvent {
        let ends: [RunState] = [.completed, .completed, .failed, .skipped, .timedOut, .cancelled, .expired]
        switch Int.random(in: 0..<14, using: &random) {
        case 12: return .forgotten
        case 13:
            let changed = [true, false, nil].randomElement(using: &random) ?? nil
            return .retrying(RunOutcome(state: .failed, changed: changed))
        case 0...2: return .acknowledged
        case 3...4: return .started
        case 5: return .lost
        case 6: return .expired
        case 7: return .withdrawn
        default:
            let state = ends.randomElement(using: &random) ?? .completed
            let changed = [true, false, nil].randomElement(using: &random) ?? nil
            return .ended(RunOutcome(state: state, changed: changed))
        }
    }

    // MARK: What the design says, told without the code under test

    /// The counts, by counting.
    func count(_ state: RunState) -> Int {
        runs.count { $0.state == state }
    }

    /// The status as the design has it, from the runs.
    var expectedStatus: JobStatus {
        guard runs.allSatisfy(\.state.isTerminal) else {
            return timeline.contains { $0.kind == .acknowledged } ? .processing : .submitted
        }
        let states = Set(runs.map(\.state))
        if states.contains(.cancelled) { return .cancelled }
        if states.isSubset(of: [.completed, .skipped]) { return .completed }
        return states.contains(.completed) ? .partialFailure : .failed
    }

    /// When the first run began, if that was before the end.
    var expectedBeginning: Timestamp? {
        let first = timeline.first { $0.kind == .started }?.time
        guard let first, let endedAt, first > endedAt else { return first }
        return nil
    }

    /// When the first agent acknowledged, if that was before the end.
    var expectedStart: Timestamp? {
        let first = timeline.first { $0.kind == .acknowledged }?.time
        guard let first, let endedAt, first > endedAt else { return first }
        return nil
    }

    /// `changed` as the design has it, from the runs.
    var expectedChanged: Bool? {
        if runs.contains(where: { $0.changed == true }) { return true }
        return runs.contains { $0.changed == false } ? false : nil
    }
}
