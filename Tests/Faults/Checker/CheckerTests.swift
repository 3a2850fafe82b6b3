// SPDX-License-Identifier: Apache-2.0

import Testing

/// The checker finds each kind of violation; otherwise a campaign would say nothing.
struct CheckerTests {
    private static let id = "0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41"

    private static func counts(_ numbers: [String: Int]) -> [String: Int] {
        let states = [
            "pending", "acknowledged", "started", "completed", "failed", "skipped", "timed_out", "cancelled", "expired",
            "lost",
        ]
        return Dictionary(uniqueKeysWithValues: states.map { ($0, numbers[$0] ?? 0) })
    }

    private static func run(_ hostname: String, _ state: String, code: String? = nil) -> RunFact {
        RunFact(
            jobId: id,
            hostname: hostname,
            status: state,
            attempt: 1,
            changed: state == "completed" ? true : nil,
            error: code.map { ErrorFact(code: $0, message: "") },
            acknowledgedAt: "2",
            startedAt: "3",
            completedAt: "4",
            data: state == "completed" ? RunFact.Output(stdout: "out-m\nmore") : nil
        )
    }

    private static func trace(_ hostname: String, attempt: Int = 1, lateTime: Int64? = nil) -> Evidence.Trace {
        Evidence.Trace(marker: "m", hostname: hostname, jobID: id, attempt: attempt, lateTime: lateTime)
    }

    private static func deed(_ kind: Evidence.Deed.Kind, _ answer: Evidence.Answer) -> Evidence.Deed {
        Evidence.Deed(kind: kind, jobID: id, answer: answer)
    }

    /// One job for two hosts: one completed, one expired.
    private static var good: Evidence {
        var evidence = Evidence()
        evidence.submissions = [
            Evidence.Submission(marker: "m", hosts: 2, answer: .accepted(id)),
            Evidence.Submission(marker: "no", hosts: 2, answer: .refused("empty_target")),
            Evidence.Submission(marker: "who knows", hosts: 2, answer: .unknown("timed out")),
        ]
        evidence.traces = [trace("a")]
        let job = JobFact(
            id: id,
            status: "partial_failure",
            agentCounts: counts(["completed": 1, "expired": 1]),
            changed: true,
            agentsChanged: 1,
            note: "m",
            createdAt: "1",
            deadlineAt: "9",
            startedAt: "2",
            completedAt: "4"
        )
        let events = [
            ("submitted", nil), ("acknowledged", "a"), ("started", "a"), ("completed", "a"), ("expired", "b"),
        ]
        evidence.records = [
            Evidence.Record(
                job: job,
                runs: [run("a", "completed"), run("b", "expired", code: "expired")],
                timeline: events.map { EventFact(timestamp: "2", event: $0.0, hostname: $0.1) }
            )
        ]
        evidence.agents = [AgentFact(hostname: "a", connected: true), AgentFact(hostname: "b", connected: false)]
        evidence.status = StatusFact(
            jobs: ["partial_failure": 1, "completed": 0],
            agents: StatusFact.Agents(known: 2, connected: 1)
        )
        evidence.ledgers = ["a": [LedgerFact(jobID: id, state: "ended", outcome: "completed", untold: 0)], "b": []]
        return evidence
    }

    @Test func `evidence that agrees has no violations`() {
        #expect(Checker.violations(in: Self.good).isEmpty)
    }

    @Test func `a late truth after a loss is a way of a run`() {
        var evidence = Self.good
        evidence.records[0].timeline.insert(EventFact(timestamp: "2", event: "lost", hostname: "a"), at: 3)

        #expect(Checker.violations(in: evidence).isEmpty)
    }

    /// Changes of good evidence, and what has to be found.
    private static let changes: [(Violation.Rule, @Sendable (inout Evidence) -> Void)] = [
        (.acceptedJobIsMissing, { $0.submissions[0].answer = .accepted("another") }),
        (.refusedJobExists, { $0.submissions[0].answer = .refused("unavailable") }),
        (.unknownMarker, { $0.submissions[0].marker = "other" }),
        (.executedTwice, { $0.traces.append($0.traces[0]) }),
        (.completedWithoutExecution, { $0.traces = [] }),
        (.expiredButExecuted, { $0.traces.append(trace("b")) }),
        (.executedOutsideTheSet, { $0.traces.append(trace("c")) }),
        (.executedOutsideTheSet, { $0.traces.append(trace("a", attempt: 2)) }),
        (
            .executedWithoutRecord,
            { $0.traces.append(Evidence.Trace(marker: "who knows", hostname: "a", jobID: "x", attempt: 1)) }
        ),
        (.cancelledUnasked, { $0.records[0].runs[1] = run("b", "cancelled", code: "cancelled") }),
        (.outlivedItsEnd, { $0.traces.append(trace("a", lateTime: 5000)) }),
        (.deletedJobExists, { $0.deeds = [deed(.delete, .accepted(id))] }),
        (.retryIsMissing, { $0.deeds = [deed(.retry, .accepted("another"))] }),
        (.unknownMarker, { $0.records[0].job.retryOf = "another" }),
        (.outputOfAnother, { $0.records[0].runs[0].data?.stdout = "out-n\n" }),
        (.unexpectedEnd, { $0.records[0].runs[1].error?.code = "internal_error" }),
        (.unexpectedEnd, { $0.records[0].runs[0].attempt = 2 }),
        (.notTerminal, { $0.records[0].runs[0].status = "started" }),
        (.countsAreWrong, { $0.records[0].job.agentCounts["lost"] = 1 }),
        (.countsAreWrong, { $0.submissions[0].hosts = 3 }),
        (.statusIsWrong, { $0.records[0].job.status = "completed" }),
        (.changedIsWrong, { $0.records[0].job.agentsChanged = 2 }),
        (.timesAreWrong, { $0.records[0].runs[0].startedAt = nil }),
        (.timesAreWrong, { $0.records[0].runs[0].acknowledgedAt = "0" }),
        (.timelineIsWrong, { $0.records[0].timeline.swapAt(1, 2) }),
        (
            .timelineIsWrong,
            { $0.records[0].timeline.append(EventFact(timestamp: "2", event: "failed", hostname: "a")) }
        ),
        (.timelineIsWrong, { $0.records[0].timeline.append(EventFact(timestamp: "2", event: "lost", hostname: "c")) }),
        (.timelineIsWrong, { $0.records[0].timeline[2].timestamp = "1" }),
        (.summaryIsWrong, { $0.status.jobs["partial_failure"] = 2 }),
        (.summaryIsWrong, { $0.status.agents.connected = 2 }),
        (.ledgerDisagrees, { $0.ledgers["a"]?[0].outcome = "failed" }),
        (.ledgerDisagrees, { $0.ledgers["a"]?[0].untold = 1 }),
        (.ledgerDisagrees, { $0.ledgers["b"] = $0.ledgers["a"] }),
    ]

    @Test(arguments: changes.indices) func `each violation is found`(_ index: Int) {
        let (rule, change) = Self.changes[index]
        var evidence = Self.good

        change(&evidence)

        #expect(Checker.violations(in: evidence).contains { $0.rule == rule }, "\(rule)")
    }

    @Test func `every rule has a change that breaks it`() {
        #expect(Set(Self.changes.map(\.0)) == Set(Violation.Rule.allCases))
    }
}
