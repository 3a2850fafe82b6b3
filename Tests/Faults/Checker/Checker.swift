// SPDX-License-Identifier: Apache-2.0

/// Compares what clients were told, what happened on the hosts, and what the record says.
///
/// Pure, and on its own: nothing here asks the product's types what is right.
struct Checker {
    private let evidence: Evidence
    private let recordsByMarker: [String: [Evidence.Record]]
    private let traces: [Evidence.Trace: Int]
    private var violations: [Violation] = []

    private static let states = [
        "pending", "acknowledged", "started", "completed", "failed", "skipped", "timed_out", "cancelled", "expired",
        "lost",
    ]
    private static let open: Set = ["pending", "acknowledged", "started"]
    /// How far each event is on the way of a run.
    private static let steps = ["acknowledged": 1, "started": 2]

    /// Everything that is wrong.
    static func violations(in evidence: Evidence) -> [Violation] {
        var checker = Checker(evidence)
        checker.checkAnswers()
        for record in evidence.records { checker.check(record) }
        checker.checkTraces()
        checker.checkSummary()
        checker.checkLedgers()
        return checker.violations
    }

    private init(_ evidence: Evidence) {
        self.evidence = evidence
        recordsByMarker = Dictionary(grouping: evidence.records) { $0.job.note ?? "" }
        traces = Dictionary(evidence.traces.map { ($0, 1) }, uniquingKeysWith: +)
    }

    private mutating func found(_ rule: Violation.Rule, _ marker: String?, _ detail: String) {
        violations.append(Violation(rule: rule, marker: marker, detail: detail))
    }

    // MARK: What clients were told

    private mutating func checkAnswers() {
        let ids = Set(evidence.records.map(\.job.id))
        for submission in evidence.submissions {
            let records = recordsByMarker[submission.marker] ?? []
            switch submission.answer {
            case .accepted(let id):
                if !ids.contains(id) || records.map(\.job.id) != [id] {
                    found(.acceptedJobIsMissing, submission.marker, "\(id) was answered 201; there: \(records.count)")
                }
            case .refused(let code):
                if !records.isEmpty { found(.refusedJobExists, submission.marker, "refused with \(code)") }
            case .unknown:
                if records.count > 1 { found(.refusedJobExists, submission.marker, "\(records.count) of one request") }
            }
            for record in records {
                guard let hosts = submission.hosts, record.runs.count != hosts else { continue }
                found(.countsAreWrong, submission.marker, "\(record.runs.count) runs for \(hosts) hosts")
            }
        }
        let markers = Set(evidence.submissions.map(\.marker))
        for marker in recordsByMarker.keys where !markers.contains(marker) {
            found(.unknownMarker, marker, "nobody submitted \(marker)")
        }
    }

    // MARK: A job

    private mutating func check(_ record: Evidence.Record) {
        let job = record.job
        let marker = job.note
        let states = record.runs.map(\.state)
        var counted = Dictionary(uniqueKeysWithValues: Self.states.map { ($0, 0) })
        for state in states { counted[state, default: 0] += 1 }
        counted["total"] = states.count
        if counted != job.counts || states.isEmpty {
            found(.countsAreWrong, marker, "counts \(job.counts), runs \(counted)")
        }
        if states.contains(where: Self.open.contains) || job.finishedAt == nil {
            found(.notTerminal, marker, "job \(job.id) \(job.status), runs \(states)")
        } else if job.status != Self.status(of: states) {
            found(.statusIsWrong, marker, "\(job.status) with runs \(states)")
        }
        let changes = record.runs.compactMap(\.changed)
        let changed = changes.isEmpty ? nil : changes.contains(true)
        if job.changed != changed || job.changedCount != changes.count(where: { $0 }) {
            found(.changedIsWrong, marker, "changed \(job.changed as Bool?) \(job.changedCount), runs \(changes)")
        }
        if Set(record.runs.map(\.hostname)).count != record.runs.count {
            found(.countsAreWrong, marker, "a host twice: \(record.runs.map(\.hostname))")
        }
        checkTimes(record)
        checkTimeline(record)
        for run in record.runs { check(run, of: record) }
    }

    private static func status(of states: [String]) -> String {
        if states.contains("cancelled") { return "cancelled" }
        let well = states.count { $0 == "completed" || $0 == "skipped" }
        if well == states.count { return "completed" }
        return states.contains("completed") ? "partial_failure" : "failed"
    }

    private mutating func check(_ run: RunFact, of record: Evidence.Record) {
        let marker = record.job.note ?? ""
        let executions = traces[Evidence.Trace(marker: marker, hostname: run.hostname)] ?? 0
        let place = "\(run.hostname) is \(run.state) (\(run.error?.code ?? "-")) with \(executions) executions"
        if executions > 1 { found(.executedTwice, marker, place) }
        switch (run.state, run.error?.code) {
        case ("completed", nil):
            if executions != 1 { found(.completedWithoutExecution, marker, place) }
            if run.data?.stdout?.hasPrefix("out-\(marker)\n") != true {
                found(.outputOfAnother, marker, "\(run.hostname) wrote \(run.data?.stdout?.prefix(80) ?? "nothing")")
            }
        case ("failed", "non_zero_exit"):
            if executions != 1 { found(.completedWithoutExecution, marker, place) }
        case ("expired", "expired"), ("expired", "not_started_in_time"):
            if executions > 0 { found(.expiredButExecuted, marker, place) }
        case ("failed", "interrupted"), ("timed_out", "timed_out"), ("lost", "lost"): break
        default:
            if !Self.open.contains(run.state) { found(.unexpectedEnd, marker, place) }
        }
        if run.attempt != 1 { found(.unexpectedEnd, marker, "\(run.hostname): attempt \(run.attempt)") }
    }

    private mutating func checkTimes(_ record: Evidence.Record) {
        for run in record.runs {
            let times = [record.job.createdAt, run.acknowledgedAt, run.startedAt].compactMap(\.self)
            let isOrdered = zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
            // A late truth tells when it came, of a run that was given up before.
            let isEnded = run.finishedAt.map { $0 >= record.job.createdAt } ?? Self.open.contains(run.state)
            let began = ["completed", "timed_out", "started"].contains(run.state) || run.error?.code == "non_zero_exit"
            if !isOrdered || !isEnded || (began && (run.startedAt == nil || run.acknowledgedAt == nil)) {
                found(.timesAreWrong, record.job.note, "\(run)")
            }
        }
        guard let finished = record.job.finishedAt else { return }
        if finished < record.job.createdAt || record.job.startedAt.map({ $0 > finished }) == true {
            found(.timesAreWrong, record.job.note, "job \(record.job)")
        }
    }

    private mutating func checkTimeline(_ record: Evidence.Record) {
        let marker = record.job.note
        let timeline = record.timeline
        if timeline.first?.event != "submitted" || timeline.count(where: { $0.event == "submitted" }) != 1 {
            found(.timelineIsWrong, marker, "begins with \(timeline.first?.event ?? "nothing")")
        }
        if !zip(timeline, timeline.dropFirst()).allSatisfy({ $0.time <= $1.time }) {
            found(.timelineIsWrong, marker, "times go back")
        }
        let hosts = Set(record.runs.map(\.hostname))
        let foreign = timeline.dropFirst().filter { !hosts.contains($0.hostname ?? "") }
        if !foreign.isEmpty { found(.timelineIsWrong, marker, "lines of others: \(foreign)") }
        for run in record.runs {
            let events = timeline.filter { $0.hostname == run.hostname }.map(\.event)
            if !Self.isWay(events, to: run.state) {
                found(.timelineIsWrong, marker, "\(run.hostname) is \(run.state) after \(events)")
            }
        }
    }

    /// Whether the events of a host are a way to a state: never back, one end, and after `lost` at most one late truth.
    private static func isWay(_ events: [String], to state: String) -> Bool {
        var progress = 0
        var end: String?
        for event in events {
            if let end, end != "lost" { return false }
            if let step = steps[event] {
                guard step > progress else { return false }
                progress = step
            } else {
                guard states.contains(event), !open.contains(event), event != end else { return false }
                end = event
            }
        }
        guard events.isEmpty == (state == "pending") else { return false }
        return state == "pending" || events.last == state
    }

    // MARK: The hosts

    private mutating func checkTraces() {
        for trace in traces.keys {
            guard let records = recordsByMarker[trace.marker] else {
                found(.executedWithoutRecord, trace.marker, "executed on \(trace.hostname), and there is no job")
                continue
            }
            if !records.contains(where: { $0.runs.contains { $0.hostname == trace.hostname } }) {
                found(.executedOutsideTheSet, trace.marker, "executed on \(trace.hostname)")
            }
        }
    }

    private mutating func checkLedgers() {
        var runs: [String: (RunFact, String?)] = [:]
        for record in evidence.records {
            for run in record.runs { runs["\(run.jobId) \(run.hostname)"] = (run, record.job.note) }
        }
        for (hostname, rows) in evidence.ledgers {
            for row in rows {
                guard let (run, marker) = runs["\(row.jobID) \(hostname)"] else {
                    found(.ledgerDisagrees, nil, "\(hostname) holds \(row.jobID), which is no job of it")
                    continue
                }
                let isSame = row.state == "ended" && row.outcome == run.state && row.errorCode == run.error?.code
                if !isSame || row.untold > 0 {
                    found(.ledgerDisagrees, marker, "\(hostname) has \(row), the record \(run.state)")
                }
            }
        }
    }

    // MARK: The summary

    private mutating func checkSummary() {
        var jobs = Dictionary(evidence.records.map { ($0.job.status, 1) }, uniquingKeysWith: +)
        for status in evidence.status.jobs.keys where jobs[status] == nil { jobs[status] = 0 }
        let connected = evidence.agents.count { $0.connected }
        let agents = evidence.status.agents
        if jobs != evidence.status.jobs || agents.known != evidence.agents.count || agents.connected != connected {
            found(.summaryIsWrong, nil, "status \(evidence.status), recount \(jobs), \(evidence.agents.count) agents")
        }
    }
}
