// SPDX-License-Identifier: Apache-2.0

/// Compares what clients were told, what happened on the hosts, and what the record says.
///
/// Pure, and on its own: nothing here asks the product's types what is right.
struct Checker {
    private let evidence: Evidence
    private let recordsByMarker: [String: [Evidence.Record]]
    private let traces: [Evidence.Trace: Int]
    /// What was done to jobs, by their ids.
    private let deeds: [String: [Evidence.Deed]]
    private let attempts: [String: Int]
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
        checker.checkDeeds()
        for record in evidence.records { checker.check(record) }
        checker.checkTraces()
        checker.checkEnds()
        checker.checkSummary()
        checker.checkLedgers()
        return checker.violations
    }

    private init(_ evidence: Evidence) {
        self.evidence = evidence
        recordsByMarker = Dictionary(grouping: evidence.records) { $0.job.note ?? "" }
        traces = Dictionary(evidence.traces.map { ($0, 1) }, uniquingKeysWith: +)
        deeds = Dictionary(grouping: evidence.deeds) { $0.jobID }
        attempts = Dictionary(evidence.submissions.map { ($0.marker, $0.attempts) }, uniquingKeysWith: max)
    }

    private mutating func found(_ rule: Violation.Rule, _ marker: String?, _ detail: String) {
        violations.append(Violation(rule: rule, marker: marker, detail: detail))
    }

    // MARK: What clients were told

    private mutating func checkAnswers() {
        let ids = Set(evidence.records.map(\.job.id))
        for submission in evidence.submissions {
            let family = recordsByMarker[submission.marker] ?? []
            let records = family.filter { $0.job.retryOf == nil }
            switch submission.answer {
            case .accepted(let id):
                if mayBeDeleted(id) {
                    if !records.isEmpty, records.map(\.job.id) != [id] {
                        found(.refusedJobExists, submission.marker, "besides \(id)")
                    }
                } else if !ids.contains(id) || records.map(\.job.id) != [id] {
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

    /// Whether a client asked for a job to be deleted and was not refused.
    private func mayBeDeleted(_ id: String) -> Bool {
        deeds[id, default: []].contains { $0.kind == .delete && !$0.answer.isRefusal }
    }

    private func wasAsked(_ kind: Evidence.Deed.Kind, of id: String) -> Bool {
        deeds[id, default: []].contains { $0.kind == kind && !$0.answer.isRefusal }
    }

    private mutating func checkDeeds() {
        let byID = Dictionary(evidence.records.map { ($0.job.id, $0) }, uniquingKeysWith: { $1 })
        for deed in evidence.deeds {
            guard case .accepted(let answer) = deed.answer else { continue }
            switch deed.kind {
            case .cancel: break
            case .delete:
                if byID[deed.jobID] != nil { found(.deletedJobExists, byID[deed.jobID]?.job.note, deed.jobID) }
            case .retry:
                guard !mayBeDeleted(answer) else { continue }
                guard let new = byID[answer], new.job.retryOf == deed.jobID else {
                    found(.retryIsMissing, byID[deed.jobID]?.job.note, "\(answer) of \(deed.jobID)")
                    continue
                }
                guard let old = byID[deed.jobID] else { continue }
                let hosts = Set(old.runs.map(\.hostname))
                let isTold = old.timeline.contains { $0.event == "retried" && $0.message?.contains(answer) == true }
                if !isTold || !new.runs.allSatisfy({ hosts.contains($0.hostname) }) {
                    found(.retryIsMissing, old.job.note, "\(answer) is not told of, or on other hosts")
                }
            }
        }
        for record in evidence.records {
            guard let origin = record.job.retryOf else { continue }
            if !wasAsked(.retry, of: origin) { found(.unknownMarker, record.job.note, "nobody retried \(origin)") }
        }
    }

    // MARK: A job

    private mutating func check(_ record: Evidence.Record) {
        let job = record.job
        let marker = job.note
        let states = record.runs.map(\.status)
        var counted = Dictionary(uniqueKeysWithValues: Self.states.map { ($0, 0) })
        for state in states { counted[state, default: 0] += 1 }
        if counted != job.agentCounts || states.isEmpty {
            found(.countsAreWrong, marker, "counts \(job.agentCounts), runs \(counted)")
        }
        if states.contains(where: Self.open.contains) || job.completedAt == nil {
            found(.notTerminal, marker, "job \(job.id) \(job.status), runs \(states)")
        } else if job.status != Self.status(of: states) {
            found(.statusIsWrong, marker, "\(job.status) with runs \(states)")
        }
        let changes = record.runs.compactMap(\.changed)
        let changed = changes.isEmpty ? nil : changes.contains(true)
        if job.changed != changed || job.agentsChanged != changes.count(where: { $0 }) {
            found(.changedIsWrong, marker, "changed \(job.changed as Bool?) \(job.agentsChanged), runs \(changes)")
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

    /// How often an attempt of a run was executed.
    private func executions(_ run: RunFact, _ marker: String, attempt: Int) -> Int {
        traces[Evidence.Trace(marker: marker, hostname: run.hostname, jobID: run.jobId, attempt: attempt)] ?? 0
    }

    private mutating func check(_ run: RunFact, of record: Evidence.Record) {
        let marker = record.job.note ?? ""
        let each = (1...max(1, run.attempt)).map { executions(run, marker, attempt: $0) }
        let last = each.last ?? 0
        let place = "\(run.hostname) is \(run.status) (\(run.error?.code ?? "-")), executions by attempt \(each)"
        if each.contains(where: { $0 > 1 }) { found(.executedTwice, marker, place) }
        switch (run.status, run.error?.code) {
        case ("completed", nil):
            if last != 1 { found(.completedWithoutExecution, marker, place) }
            if run.data?.stdout?.hasPrefix("out-\(marker)\n") != true {
                found(.outputOfAnother, marker, "\(run.hostname) wrote \(run.data?.stdout?.prefix(80) ?? "nothing")")
            }
        case ("failed", "non_zero_exit"):
            if last != 1 { found(.completedWithoutExecution, marker, place) }
        case ("expired", "expired"), ("expired", "not_started_in_time"):
            if last > 0 { found(.expiredButExecuted, marker, place) }
        case ("failed", "not_started_in_time") where run.attempt > 1:
            if last > 0 { found(.expiredButExecuted, marker, place) }
        case ("cancelled", "cancelled"): checkCancelled(run, marker, executions: last, place)
        case ("failed", "interrupted"), ("timed_out", "timed_out"), ("lost", "lost"): break
        default:
            if !Self.open.contains(run.status) { found(.unexpectedEnd, marker, place) }
        }
        if run.attempt > attempts[marker, default: 1] || run.attempt < 1 {
            found(.unexpectedEnd, marker, "\(run.hostname): attempt \(run.attempt)")
        }
    }

    private mutating func checkCancelled(_ run: RunFact, _ marker: String, executions: Int, _ place: String) {
        if !wasAsked(.cancel, of: run.jobId) { found(.cancelledUnasked, marker, place) }
        let message = run.error?.message ?? ""
        let isUnbegun = message.contains("withdrawn") || message.contains(" began")
        if isUnbegun, executions > 0 { found(.expiredButExecuted, marker, "\(place): \(message)") }
    }

    private mutating func checkTimes(_ record: Evidence.Record) {
        for run in record.runs {
            let times = [record.job.createdAt, run.acknowledgedAt, run.startedAt].compactMap(\.self)
            let isOrdered = zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
            // A late truth tells when it came, of a run that was given up before.
            let isEnded = run.completedAt.map { $0 >= record.job.createdAt } ?? Self.open.contains(run.status)
            let began =
                ["completed", "timed_out", "started"].contains(run.status) || run.error?.code == "non_zero_exit"
            if !isOrdered || !isEnded || (began && (run.startedAt == nil || run.acknowledgedAt == nil)) {
                found(.timesAreWrong, record.job.note, "\(run)")
            }
        }
        guard let finished = record.job.completedAt else { return }
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
        if !zip(timeline, timeline.dropFirst()).allSatisfy({ $0.timestamp <= $1.timestamp }) {
            found(.timelineIsWrong, marker, "times go back")
        }
        let hosts = Set(record.runs.map(\.hostname))
        let foreign = timeline.dropFirst().filter { line in
            line.hostname.map { !hosts.contains($0) } ?? !Self.jobEvents.contains(line.event)
        }
        if !foreign.isEmpty { found(.timelineIsWrong, marker, "lines of others: \(foreign)") }
        for run in record.runs {
            let events = timeline.filter { $0.hostname == run.hostname }.map(\.event)
            if !Self.isWay(events, to: run.status) {
                found(.timelineIsWrong, marker, "\(run.hostname) is \(run.status) after \(events)")
            }
        }
    }

    /// Events of the job as a whole.
    private static let jobEvents: Set = ["cancel_requested", "retried", "reassigned"]

    /// Whether the events of a host are a way to a state.
    ///
    /// That is: never back but for a new attempt, one end, and after `lost` at most one late truth. That an order to cancel arrived can be told at any time.
    private static func isWay(_ all: [String], to state: String) -> Bool {
        var progress = 0
        var end: String?
        let events = all.filter { $0 != "cancel_delivered" && $0 != "order_refused" }
        for event in events {
            if event == "retrying" {
                guard end == nil || end == "lost", progress > 0 else { return false }
                progress = 1
                continue
            }
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
        if events.last == "retrying" { return ["acknowledged", "lost"].contains(state) }
        return state == "pending" || events.last == state
    }

    // MARK: The hosts

    private mutating func checkTraces() {
        let byID = Dictionary(evidence.records.map { ($0.job.id, $0) }, uniquingKeysWith: { $1 })
        for trace in traces.keys where !mayBeDeleted(trace.jobID) {
            guard let record = byID[trace.jobID] else {
                found(.executedWithoutRecord, trace.marker, "executed on \(trace.hostname), and there is no job")
                continue
            }
            let run = record.runs.first { $0.hostname == trace.hostname }
            if run == nil || trace.attempt > run?.attempt ?? 0, !(trace.lateTime != nil && run != nil) {
                found(.executedOutsideTheSet, trace.marker, "executed \(trace)")
            }
        }
    }

    /// What has ended writes no more, whatever it did to get out of the way.
    ///
    /// An agent that was stopped for a while ends what is overdue when it goes on; what counts is that nothing is left once
    /// it has stored the outcome.
    private mutating func checkEnds() {
        for trace in traces.keys {
            guard let time = trace.lateTime else { continue }
            let row = evidence.ledgers[trace.hostname, default: []].first { row in
                row.jobID == trace.jobID && row.attempt == trace.attempt
            }
            guard let row, row.state == "ended", time > row.endedAt + 1000 else { continue }
            let outcome = "\(row.outcome ?? "-") \(row.errorCode ?? "")"
            found(
                .outlivedItsEnd,
                trace.marker,
                "\(trace.hostname): \(outcome), and wrote on \(time - row.endedAt) ms later"
            )
        }
    }

    private mutating func checkLedgers() {
        var runs: [String: (RunFact, String?)] = [:]
        let byID = Dictionary(evidence.records.map { ($0.job.id, $0) }, uniquingKeysWith: { $1 })
        for record in evidence.records {
            for run in record.runs { runs["\(run.jobId) \(run.hostname)"] = (run, record.job.note) }
        }
        for (hostname, rows) in evidence.ledgers {
            for row in rows where !mayBeDeleted(row.jobID) {
                guard let (run, marker) = runs["\(row.jobID) \(hostname)"] else {
                    // A run for any agent that went to another one, and has never had its go-ahead here.
                    let moved = byID[row.jobID]?.timeline.contains { $0.event == "reassigned" } ?? false
                    if !moved || row.outcome != "expired" {
                        found(.ledgerDisagrees, nil, "\(hostname) holds \(row.jobID), which is no job of it: \(row)")
                    }
                    continue
                }
                let isLast = row.attempt == run.attempt
                let isSame =
                    isLast
                    ? row.outcome == run.status && row.errorCode == run.error?.code
                    : row.attempt < run.attempt && row.outcome == "failed"
                if row.state != "ended" || !isSame || row.untold > 0 {
                    found(.ledgerDisagrees, marker, "\(hostname) has \(row), the record \(run.status) \(run.attempt)")
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

extension Evidence.Answer {
    fileprivate var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }
}
