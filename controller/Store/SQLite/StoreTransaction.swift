// SPDX-License-Identifier: Apache-2.0

import ControllerMetrics
import GRDB
import Jobs

/// The work of one writing transaction on runs: what it has loaded, and which jobs it has to write at its end.
///
/// The timeline is written as runs move. Each job and each run is written once, however often it moved: jobs by
/// ``finish()``, runs by it or before a statement has to see them. Not to be used outside the closure of its transaction.
final class StoreTransaction {
    let db: Database
    let now: Timestamp
    private var jobs: [Int64: JobProgress] = [:]
    private var keys: [JobID: Int64] = [:]
    private var agents: [AgentID: AgentRecord] = [:]
    private var toWrite: Set<Int64> = []
    private var moved: Set<Int64> = []
    /// The runs that have moved and are not written yet.
    private var movedRuns: [RunKey: RunRecord] = [:]
    /// By how many the runs of a job with an error of some code have become more or less, and what one of them said.
    private var errors: [Int64: [String: ErrorChange]] = [:]

    private struct RunKey: Hashable {
        let job: Int64
        let agent: Int64
    }
    private var deliveries: [AgentID: UInt64] = [:]
    /// The next place in the feed of all lines; nil before the first line of this transaction.
    private var nextInFeed: Int64?
    private var ended: [RunState: Int] = [:]
    private let endedRuns: LabelledCounter<RunState>

    /// - Parameters:
    ///   - db: in the transaction.
    ///   - now: the controller's time.
    ///   - endedRuns: takes the runs that ended, once that is committed.
    init(_ db: Database, now: Timestamp, counting endedRuns: LabelledCounter<RunState>) {
        self.db = db
        self.now = now
        self.endedRuns = endedRuns
    }

    // MARK: Loading

    /// The key of a job; nil if there is no such job.
    func key(of id: JobID) throws -> Int64? {
        if let key = keys[id] { return key }
        return try db.query(Self.selectJobByID).with(id.stored).first(take)?.key
    }

    /// The progress of a job that is there, for a foreign key refers to it.
    func progress(of key: Int64) throws -> JobProgress {
        if let job = jobs[key] { return job }
        guard let job = try db.query(Self.selectJob).with(key).first(take) else {
            throw StoreError(.corrupt, "there are runs of a job that is not stored")
        }
        return job
    }

    /// Takes a row of ``JobProgress/columns``, unless its job has been loaded before.
    func take(_ row: SQLRow) throws -> JobProgress {
        if let job = jobs[row[0]] { return job }
        let job = try JobProgress(row)
        jobs[job.key] = job
        keys[job.id] = job.key
        return job
    }

    /// The record of an agent; nil for one that was never introduced.
    func agent(_ id: AgentID) throws -> AgentRecord? {
        if let agent = agents[id] { return agent }
        let agent = try db.query(AgentRecord.selection).with(id.text).first(AgentRecord.init)
        agents[id] = agent
        return agent
    }

    /// Writes what an agent holds and was offered, if that is new.
    func setDeliveries(of id: AgentID, held: Int64, offered: Int64) throws {
        guard var agent = try agent(id), agent.held != held || agent.offered != offered else { return }
        agent.held = held
        agent.offered = offered
        try write(agent, of: id)
    }

    /// Writes the numbers of an agent's deliveries.
    func write(_ agent: AgentRecord, of id: AgentID) throws {
        try db.query(
            "UPDATE agent_deliveries SET last_delivery = ?, offered_delivery = ?, held_delivery = ? WHERE agent = ?"
        ).with(agent.last).with(agent.offered).with(agent.held).with(agent.key).execute()
        agents[id] = agent
    }

    /// Gives the next delivery number of an agent.
    func nextDelivery(to id: AgentID) throws -> Int64 {
        try number(to: id, offering: false).last
    }

    /// Gives the next delivery number of an agent.
    ///
    /// - Parameters:
    ///   - id: the agent.
    ///   - offering: whether it counts as offered, if the agent takes new work and was offered all before it.
    /// - Returns: the agent, with the number as its last one.
    /// - Throws: `failed` for an agent that was never introduced, and what the database throws.
    func number(to id: AgentID, offering: Bool) throws -> AgentRecord {
        guard var agent = try agent(id) else { throw StoreError(.failed, "no agent with the id \(id) is known") }
        let isOffered = offering && !agent.isDrained && agent.offered >= agent.last
        agent.last += 1
        if isOffered { agent.offered = agent.last }
        try write(agent, of: id)
        noteDelivery(agent.last, to: id)
        return agent
    }

    /// Notes that there is something for an agent, up to a number.
    func noteDelivery(_ number: Int64, to id: AgentID) {
        deliveries[id] = max(deliveries[id] ?? 0, UInt64(clamping: number))
    }

    /// Forgets what was loaded of an agent, since its row has been changed otherwise.
    func forget(_ id: AgentID) {
        agents[id] = nil
    }

    /// The runs that `condition` selects, of `runs` as `r` and `agents` as `a`.
    ///
    /// All are fetched before the first is worked on: moving them changes the indexes that the selection walks.
    func runs(where condition: String, _ arguments: [any SQLValue]) throws -> [RunRecord] {
        try writeRuns()
        return try db.query(
            "SELECT \(RunRecord.columns) FROM runs r CROSS JOIN agents a ON a.agent = r.agent WHERE \(condition)"
        ).with(all: arguments).all { row in
            try RunRecord(row, jobID: progress(of: row[0]).id)
        }
    }

    /// The run of a job on an agent; nil if there is none.
    ///
    /// One that has moved in this transaction need not be written for it.
    func run(of job: Int64, on agent: Int64) throws -> RunRecord? {
        if let moved = movedRuns[RunKey(job: job, agent: agent)] { return moved }
        return try db.query(Self.selectRun).with(job).with(agent).first { row in
            try RunRecord(row, jobID: progress(of: job).id)
        }
    }

    private static let selectJob = "SELECT \(JobProgress.columns) FROM jobs j WHERE j.job = ?"
    private static let selectJobByID =
        "SELECT \(JobProgress.columns) FROM jobs j WHERE j.id = ? AND j.is_deleted = 0"
    private static let selectRun = """
        SELECT \(RunRecord.columns) FROM runs r CROSS JOIN agents a ON a.agent = r.agent
        WHERE r.job = ? AND r.agent = ?
        """

    // MARK: Moving

    /// Asks the state machine what `event` makes of a run, and writes that.
    ///
    /// The time of the move is never earlier than the last line of the job's timeline, whatever the clock says.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - record: the run as it is stored.
    ///   - attempt: the attempt that the event speaks of; nil for an event that speaks of the run as it is.
    /// - Throws: what the database reports.
    func apply(_ event: RunEvent, to record: RunRecord, attempt: Int? = nil) throws {
        let key = RunKey(job: record.job, agent: record.agent)
        let record = movedRuns[key] ?? record
        var job = try progress(of: record.job)
        let time = max(now, job.timelineTime)
        let attempt = attempt ?? record.run.attempt
        guard case .moved(let run, let steps) = RunStateMachine.decide(record.run, event, attempt: attempt, now: time)
        else { return }
        movedRuns[key] = RunRecord(run, of: record)
        if run.state.isTerminal, run.state != record.run.state { ended[run.state, default: 0] += 1 }
        for step in steps {
            job.timelineCount += 1
            let isEnd = run.state.isTerminal && step == TimelineEvent.Kind(run.state)
            let line = TimelineEvent(
                timestamp: time,
                event: step,
                hostname: run.hostname,
                message: TimelineText.message(for: step, event, from: record.run, to: run),
                error: isEnd ? run.error : event.errorOfAttempt(step)
            )
            try insert(line, job: job.key, sequence: job.timelineCount)
        }
        job.timelineTime = time
        job.machine.runMoved(from: record.run, to: run, now: time)
        noteErrors(of: record.job, from: record.run, to: run)
        jobs[job.key] = job
        toWrite.insert(job.key)
        moved.insert(job.key)
    }

    /// Appends a line about the job as a whole, or about what was delivered for it.
    func append(
        _ event: TimelineEvent.Kind,
        hostname: String? = nil,
        message: String? = nil,
        error: RunError? = nil,
        toJob key: Int64
    ) throws {
        var job = try progress(of: key)
        job.timelineTime = max(now, job.timelineTime)
        job.timelineCount += 1
        let time = job.timelineTime
        let line = TimelineEvent(timestamp: time, event: event, hostname: hostname, message: message, error: error)
        try insert(line, job: key, sequence: job.timelineCount)
        jobs[key] = job
        toWrite.insert(key)
    }

    /// Notes when a job was asked to be cancelled; the caller writes by whom.
    func noteCancelRequest(of key: Int64) throws {
        var job = try progress(of: key)
        job.cancelRequestedAt = now
        jobs[key] = job
    }

    /// Ends a run whose time is over: as `expired` if it cannot have reached its agent, else as `lost`.
    func giveUp(_ record: RunRecord, offered: Int64) throws {
        let isUnseen = record.run.state == .pending && record.delivery > offered
        try apply(isUnseen ? .expired : .lost, to: record)
    }

    /// Sets when the deadlines of a job are to be looked at next.
    func setNextCheck(of key: Int64, _ time: Timestamp) throws {
        var job = try progress(of: key)
        job.nextCheckAt = time
        jobs[key] = job
        toWrite.insert(key)
    }

    /// Writes the runs that have moved, so that statements see them.
    func writeRuns() throws {
        guard !movedRuns.isEmpty else { return }
        let records = movedRuns.values.sorted { ($0.job, $0.agent) < ($1.job, $1.agent) }
        for record in records { try write(record.run, of: record) }
        movedRuns.removeAll(keepingCapacity: true)
    }

    private func write(_ run: Run, of record: RunRecord) throws {
        try db.query(
            """
            UPDATE runs SET state = ?, attempt = ?, changed = ?, error_code = ?, error_message = ?,
                acknowledged_at = ?, started_at = ?, completed_at = ?, digest = ?, awaited_until = ?
            WHERE job = ? AND agent = ?
            """
        )
        .with(run.state.rawValue).with(run.attempt).with(run.changed).with(run.error?.code).with(run.error?.message)
        .with(run.acknowledgedAt?.milliseconds).with(run.startedAt?.milliseconds).with(run.completedAt?.milliseconds)
        .with(run.digest?.stored).with(run.awaitedUntil?.milliseconds).with(record.job).with(record.agent)
        .execute()
        guard let data = run.data, let text = storableJSON(data) else { return }
        try db.query("INSERT OR REPLACE INTO run_data (job, agent, data) VALUES (?, ?, ?)")
            .with(record.job).with(record.agent).with(text).execute()
    }

    /// Appends a line to the timeline of a job.
    func insert(_ line: TimelineEvent, job: Int64, sequence: Int) throws {
        let place = try nextInFeed ?? db.feedEnd() + 1
        nextInFeed = place + 1
        try db.query(
            """
            INSERT INTO events (job, sequence, time, event, hostname, message, error_code, error_message, feed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        .with(job).with(sequence).with(line.timestamp.milliseconds).with(line.event.rawValue).with(line.hostname)
        .with(line.message).with(line.error?.code).with(line.error?.message).with(place)
        .execute()
    }

    // MARK: Writing jobs

    /// Writes each job that changed, and the numbers of jobs by status.
    ///
    /// - Returns: the progress of each job of which a run moved, and what is new to be delivered.
    @discardableResult
    func finish() throws -> StoreChanges {
        try writeRuns()
        var differences: [JobCountKey: Int] = [:]
        var result: [JobID: JobStateMachine] = [:]
        for key in toWrite.sorted() {
            var job = try progress(of: key)
            if let changes = errors[key] { try count(changes, of: &job) }
            try write(job)
            differences[job.stored, default: 0] -= 1
            differences[job.current, default: 0] += 1
            if moved.contains(key) { result[job.id] = job.machine }
        }
        for (key, difference) in differences where difference != 0 {
            try count(key, by: difference)
        }
        countEnded()
        return StoreChanges(jobs: result, deliveries: deliveries)
    }

    /// Counts the runs that ended, unless the transaction comes to nothing.
    private func countEnded() {
        guard !ended.isEmpty else { return }
        db.afterNextTransaction { [ended, endedRuns] _ in
            for (state, number) in ended { endedRuns.add(number, of: state) }
        }
        ended = [:]
    }

    private static let updateJob = """
        UPDATE jobs SET status = ?, next_check_at = ?, timeline_count = ?, timeline_time = ?, acknowledged_at = ?,
            started_at = ?, completed_at = ?, status_updated_at = ?, changed_count = ?, unchanged_count = ?, changed = ?,
            error_code = ?, error_message = ?, error_count = ?,
            \(RunState.allCases.map { "\($0.rawValue) = ?" }.joined(separator: ", "))
        WHERE job = ?
        """

    private func write(_ job: JobProgress) throws {
        let machine = job.machine
        let arguments: [any SQLValue] = [
            machine.status.rawValue, job.nextCheckAt.milliseconds, job.timelineCount, job.timelineTime.milliseconds,
            machine.acknowledgedAt?.milliseconds, machine.startedAt?.milliseconds, machine.completedAt?.milliseconds,
            machine.statusUpdatedAt?.milliseconds, machine.changedCount, machine.unchangedCount, machine.changed,
            job.error?.code, job.error?.message, job.error?.agents ?? 0,
        ]
        try db.query(Self.updateJob).with(all: arguments).with(all: RunState.allCases.map { machine.counts[$0] })
            .with(job.key).execute()
    }

    // MARK: Errors

    private func noteErrors(of job: Int64, from old: Run, to new: Run) {
        let (before, after) = (old.countedError, new.countedError)
        guard before?.code != after?.code else { return }
        if let before { errors[job, default: [:]][before.code, default: ErrorChange(before)].difference -= 1 }
        if let after { errors[job, default: [:]][after.code, default: ErrorChange(after)].difference += 1 }
    }
}

/// A value as JSON; nil for one with a number that JSON cannot write.
///
/// A run's end must not fail for its data.
private func storableJSON(_ value: JSONValue) -> String? {
    do { return try storedJSON(value) } catch { return nil }
}
