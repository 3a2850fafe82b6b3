// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

// What a record can have beside the job itself.

extension Database {
    /// How many bytes of data the responses of one record have at most; the first is given whatever it has.
    private static let responseBytes = 4 * 1024 * 1024
    /// In which order runs are shown where not all are: those that did not do well, those that go on, the others.
    static let order: [RunState] = [
        .failed, .timedOut, .lost, .expired, .cancelled, .started, .acknowledged, .pending, .skipped, .completed,
    ]

    /// A job with its host and what was told there, if it has exactly one run.
    func withSingleRun(_ job: Job, key: Int64) throws -> Job {
        guard job.agentsTotal == 1 else { return job }
        var job = job
        try query(
            """
            SELECT r.hostname, d.data FROM runs r LEFT JOIN run_data d ON d.job = r.job AND d.agent = r.agent
            WHERE r.job = ?
            """
        ).with(key).each { row in
            job.hostname = row[0]
            job.result = try row.json(1)
            return false
        }
        return job
    }

    /// A job with what was asked for beside it.
    func expanded(_ job: Job, key: Int64, _ expansions: Set<JobExpansion>) throws -> Job {
        guard !expansions.isEmpty else { return job }
        var job = job
        var isWhole = true
        if expansions.contains(.agentStates) {
            let runs = try shownRuns(of: job, key: key, withData: false)
            job.agentStates = Dictionary(runs.map { ($0.hostname, AgentState($0)) }, uniquingKeysWith: { $1 })
            isWhole = runs.count == job.agentsTotal
        }
        if expansions.contains(.responses) {
            let runs = try shownRuns(of: job, key: key, withData: true)
            let ended = runs.filter(\.state.isTerminal)
            job.responses = Dictionary(ended.map { ($0.hostname, AgentResponse($0)) }, uniquingKeysWith: { $1 })
            isWhole = isWhole && ended.count == job.agentsCompleted
        }
        if expansions.contains(.timeline) {
            let (lines, total) = try shownLines(of: key)
            job.timeline = lines
            job.timelineTotal = total
            isWhole = isWhole && lines.count == total
        }
        if !isWhole {
            job.truncated = true
            job.links = JobLinks(job.id)
        }
        return job
    }

    private func shownRuns(of job: Job, key: Int64, withData: Bool) throws -> [Run] {
        let query = try query(
            """
            SELECT \(RunRecord.columns)\(withData ? ", length(d.data), d.data" : "")
            FROM runs r INDEXED BY runs_by_state CROSS JOIN agents a ON a.agent = r.agent
            \(withData ? "LEFT JOIN run_data d ON d.job = r.job AND d.agent = r.agent" : "")
            WHERE r.job = ? AND r.state = ? ORDER BY r.hostname LIMIT ?
            """
        )
        var runs: [Run] = []
        var bytes = 0
        for state in Self.order where job.agentCounts[state] > 0 && runs.count < JobExpansion.maximumAgents {
            // An answer is what an ended run has.
            if withData, !state.isTerminal { continue }
            let room = JobExpansion.maximumAgents - runs.count
            try query.with(key).with(state.rawValue).with(room).each { row in
                var run = try RunRecord(row, jobID: job.id).run
                if withData {
                    bytes += row[RunRecord.nextColumn] ?? 0
                    guard runs.isEmpty || bytes <= Self.responseBytes else { return false }
                    run.data = try row.json(RunRecord.nextColumn + 1)
                }
                runs.append(run)
                return true
            }
        }
        return runs
    }

    /// Lines of a timeline in order: those with errors of some hosts, and the first of the others.
    private func shownLines(of key: Int64) throws -> (lines: [TimelineEvent], total: Int) {
        let total = try query("SELECT timeline_count FROM jobs WHERE job = ?").with(key).first { $0[0] as Int } ?? 0
        var lines: [Int: TimelineEvent] = [:]
        func take(_ row: SQLRow) throws -> Bool {
            lines[row[6]] = try TimelineEvent(row)
            return lines.count < JobExpansion.maximumLines
        }
        let columns = "\(TimelineEvent.columns), sequence"
        if total > JobExpansion.maximumLines {
            try query(
                """
                SELECT \(columns) FROM events INDEXED BY events_with_errors
                WHERE job = ? AND error_code IS NOT NULL ORDER BY sequence LIMIT ?
                """
            ).with(key).with(JobExpansion.maximumAgents).each(take)
        }
        try query("SELECT \(columns) FROM events WHERE job = ? ORDER BY sequence").with(key).each(take)
        return (lines.sorted { $0.key < $1.key }.map(\.value), total)
    }
}

extension TimelineEvent {
    /// The columns that ``init(_:)`` reads, of `events`, in its order.
    static let columns = "time, event, hostname, message, error_code, error_message"

    init(_ row: SQLRow) throws {
        self.init(
            timestamp: Timestamp(milliseconds: row[0]),
            event: try row.stored(1),
            hostname: row[2],
            message: row[3],
            error: row.error(code: 4, message: 5)
        )
    }
}

extension Job {
    /// About how many bytes of texts of unbounded length it has, beside its parameters.
    var sizeOfTexts: Int {
        let answers = responses?.values.reduce(0) { $0 + ($1.data?.roughSize ?? 0) } ?? 0
        let told = target.utf8.count + (error?.message.utf8.count ?? 0)
        return (result?.roughSize ?? 0) + answers + (timeline?.count ?? 0) * 100 + told
    }
}

extension JSONValue {
    /// About how many bytes its text has.
    fileprivate var roughSize: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .array(let elements): elements.reduce(2) { $0 + $1.roughSize }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + $1.value.roughSize }
        default: 8
        }
    }
}
