// SPDX-License-Identifier: Apache-2.0

import Jobs
import Randomness
import Testing

struct JobStateMachineTests {
    @Test(arguments: 0..<8)
    func `whatever happens, counts, status, changes and timeline stay true`(block: Int) {
        for sequence in 0..<500 {
            let seed = UInt64(block * 500 + sequence)
            var random = SeededGenerator(seed: seed)
            var job = JobModel(size: Int.random(in: 1...6, using: &random))
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let host = Int.random(in: 0..<job.runs.count, using: &random)
                let event = JobModel.randomEvent(using: &random)
                let attempt = Int.random(in: 0..<5, using: &random) == 0 ? 2 : 1
                let known = job.runs[host].attempt
                let before = job
                let moved = job.apply(event, to: host, attempt: attempt)

                let fault = stepFault(before: before, after: job, host: host, event: event, moved: moved)
                let repeated = moved && !isIgnored(event, job, host)
                #expect(fault == nil, "seed \(seed), \(event) on \(host)")
                #expect(!repeated, "seed \(seed): \(event) came twice and counted twice")
                if attempt < known { #expect(!moved, "seed \(seed): an event of an earlier attempt moved a run") }
                #expect(job.runs[host].attempt >= known, "seed \(seed): back to an earlier attempt")
            }
            let fault = timelineFault(job)
            #expect(fault == nil, "seed \(seed)")
        }
    }

    /// Whether the same event, come once more, changes nothing.
    private func isIgnored(_ event: RunEvent, _ job: JobModel, _ host: Int) -> Bool {
        var again = job
        return !again.apply(event, to: host) && again.machine == job.machine && again.runs == job.runs
    }

    /// What a step broke; nil if nothing.
    private func stepFault(
        before: JobModel,
        after: JobModel,
        host: Int,
        event: RunEvent,
        moved: Bool
    ) -> String? {
        let machine = after.machine
        let old = before.runs[host].state
        let new = after.runs[host].state
        if machine.counts.total != after.runs.count { return "the counts add up to \(machine.counts.total)" }
        for state in RunState.allCases where machine.counts[state] != after.count(state) {
            return "\(machine.counts[state]) counted as \(state), \(after.count(state)) are"
        }
        if machine.status != after.expectedStatus { return "\(machine.status), not \(after.expectedStatus)" }
        if machine.changed != after.expectedChanged { return "changed is \(String(describing: machine.changed))" }
        if machine.changedCount != after.runs.count(where: { $0.changed == true }) { return "wrong count of changes" }
        if machine.status.isTerminal != after.runs.allSatisfy(\.state.isTerminal) {
            return "terminal too early or late"
        }
        if machine.completedAt != after.endedAt { return "finished at the wrong time" }
        if before.machine.status == .processing, machine.status == .submitted { return "went back to submitted" }
        if before.machine.status.isTerminal, !machine.status.isTerminal { return "came back to life" }
        if machine.acknowledgedAt != after.expectedStart { return "acknowledged at the wrong time" }
        if machine.startedAt != after.expectedBeginning { return "started at the wrong time" }
        if moved == (before.runs == after.runs) { return "moved, and nothing changed, or the reverse" }
        let isOfAttempt = if case .retrying = event { old == .lost && new == .lost } else { false }
        if old.isTerminal, moved, !(old == .lost && isEnd(event)), !isOfAttempt { return "\(old) became \(new)" }
        return nil
    }

    private func isEnd(_ event: RunEvent) -> Bool {
        if case .ended = event { true } else { false }
    }

    /// What is wrong with the order or completeness of the timeline; nil if nothing.
    private func timelineFault(_ job: JobModel) -> String? {
        if zip(job.timeline, job.timeline.dropFirst()).contains(where: { $0.time > $1.time }) { return "out of order" }
        for (host, run) in job.runs.enumerated() {
            let lines = job.timeline.filter { $0.host == host }
            var kinds = lines.map(\.kind)
            // Each attempt has a beginning of its own.
            if kinds.contains(.retrying) { kinds = withoutAttempts(kinds) }
            if Set(kinds).count != kinds.count { return "host \(host) has a line twice: \(kinds)" }
            if lines.first(where: { $0.kind == .acknowledged })?.time != run.acknowledgedAt { return "no acknowledged" }
            if lines.first(where: { $0.kind == .started })?.time != run.startedAt { return "no started" }
            if run.state.isTerminal != (run.completedAt != nil) { return "host \(host) has no end" }
            let isBetween = lines.last?.kind == .retrying && (run.state == .acknowledged || run.state == .lost)
            if run.state != .pending, !isBetween, kinds.last != TimelineEvent.Kind(run.state) {
                return "last line is not the state"
            }
            // A late truth comes after the line that says lost; without that line the order has to be plain.
            kinds.removeAll { $0 == .lost }
            let order = kinds.map { $0 == .acknowledged ? 0 : $0 == .started ? 1 : 2 }
            if order != order.sorted() { return "host \(host): \(kinds)" }
            if kinds.contains(.started), !kinds.contains(.acknowledged) { return "started before acknowledged" }
        }
        return nil
    }

    /// The lines without those of attempts that another one followed.
    private func withoutAttempts(_ kinds: [TimelineEvent.Kind]) -> [TimelineEvent.Kind] {
        var rest: [TimelineEvent.Kind] = []
        for kind in kinds where kind != .retrying {
            if kind == .started { rest.removeAll { $0 == .started } }
            rest.append(kind)
        }
        return rest
    }

    private static let statuses: [(states: [RunState], status: JobStatus)] = [
        ([.pending, .pending], .submitted),
        ([.acknowledged, .pending], .processing),
        ([.started, .completed], .processing),
        ([.completed, .completed], .completed),
        ([.completed, .skipped], .completed),
        ([.skipped], .completed),
        ([.failed, .skipped], .failed),
        ([.failed, .lost], .failed),
        ([.expired], .failed),
        ([.timedOut, .completed], .partialFailure),
        ([.completed, .expired], .partialFailure),
        ([.completed, .cancelled], .cancelled),
        ([.cancelled, .failed], .cancelled),
        ([.expired, .pending], .submitted),
    ]

    @Test(arguments: statuses)
    func `the status follows from the states of the runs`(states: [RunState], status: JobStatus) {
        var job = JobModel(size: states.count)
        for (host, state) in states.enumerated() {
            switch state {
            case .pending: break
            case .acknowledged: job.expectMove(.acknowledged, of: host)
            case .started: job.expectMove(.started, of: host)
            case .lost: job.expectMove(.lost, of: host)
            case .expired: job.expectMove(.expired, of: host)
            case .completed, .failed, .skipped, .timedOut, .cancelled:
                job.expectMove(.ended(RunOutcome(state: state)), of: host)
            }
        }

        #expect(job.machine.status == status)
    }

    @Test func `a job whose only acknowledged run expired on its agent stays in processing`() {
        var job = JobModel(size: 2)

        job.expectMove(.acknowledged, of: 0)
        job.expectMove(.ended(RunOutcome(state: .expired)), of: 0)

        #expect(job.machine.status == .processing)
    }

    @Test func `a job that no agent ever acknowledged has no start`() {
        var job = JobModel(size: 2)

        job.expectMove(.expired, of: 0)
        job.expectMove(.lost, of: 1)

        #expect(job.machine.status == .failed)
        #expect(job.machine.acknowledgedAt == nil && job.machine.startedAt == nil)
        #expect(job.machine.completedAt == job.now)
    }

    @Test func `a late truth turns the status and leaves the end where it was`() {
        var job = JobModel(size: 1)
        job.expectMove(.lost, of: 0)
        let end = job.machine.completedAt

        job.expectMove(.ended(RunOutcome(state: .completed, changed: true)), of: 0)

        #expect(job.machine.status == .completed)
        #expect(job.machine.completedAt == end)
        #expect(job.machine.acknowledgedAt == nil && job.machine.startedAt == nil)
        #expect(job.machine.changed == true)
        #expect(job.timeline.map(\.kind) == [.lost, .acknowledged, .started, .completed])
    }

    @Test func `changed is unknown until a run tells, and true wins`() {
        var job = JobModel(size: 3)
        #expect(job.machine.changed == nil)

        job.expectMove(.ended(RunOutcome(state: .failed)), of: 0)
        #expect(job.machine.changed == nil)
        job.expectMove(.ended(RunOutcome(state: .completed, changed: false)), of: 1)
        #expect(job.machine.changed == false)
        job.expectMove(.ended(RunOutcome(state: .completed, changed: true)), of: 2)
        #expect(job.machine.changed == true)
        #expect(job.machine.changedCount == 1)
    }

    @Test func `a run that tells otherwise is counted once`() {
        var machine = JobStateMachine(frozenSetSize: 1)
        var before = Run(jobID: JobID(high: 1, low: 1), agentID: AgentID("a"), hostname: "h", state: .lost)
        before.changed = true
        machine.runMoved(
            from: Run(jobID: before.jobID, agentID: before.agentID, hostname: "h"),
            to: before,
            now: .init(milliseconds: 1)
        )
        var after = before
        after.changed = false

        machine.runMoved(from: before, to: after, now: Timestamp(milliseconds: 2))

        #expect(machine.changed == false)
        #expect(machine.changedCount == 0)
        #expect(machine.unchangedCount == 1)
    }

    @Test func `a machine goes on from what a store kept of it`() {
        var job = JobModel(size: 2)
        job.expectMove(.acknowledged, of: 0)
        let kept = job.machine

        let restored = JobStateMachine(
            counts: kept.counts,
            changedCount: kept.changedCount,
            unchangedCount: kept.unchangedCount,
            acknowledgedAt: kept.acknowledgedAt,
            startedAt: kept.startedAt,
            completedAt: kept.completedAt,
            statusUpdatedAt: kept.statusUpdatedAt
        )

        #expect(restored == kept)
        #expect(restored.status == .processing)
    }
}
