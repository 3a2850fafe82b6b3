// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// What moves of a job: the part of its row that the moves of its runs change.
struct JobProgress {
    /// The columns that ``init(_:)`` reads, of `jobs` as `j`, in its order.
    static let columns = """
        j.job, j.id, j.status, j.deadline_at, j.hard_end_at, j.next_check_at, j.timeline_count, j.timeline_time,
        j.acknowledged_at, j.completed_at, j.changed_count, j.unchanged_count, j.awaits_go, j.cancel_requested_at,
        j.started_at, j.status_updated_at, j.operation_type, j.changed, j.error_code, j.error_message, j.error_count,
        \(RunState.allCases.map { "j.\($0.rawValue)" }.joined(separator: ", "))
        """
    /// Where the column after ``columns`` is.
    static let nextColumn = firstCount + RunState.allCases.count
    private static let firstCount = 21

    let key: Int64
    let id: JobID
    /// As what the job is counted in `job_counts`.
    let stored: JobCountKey
    let deadlineAt: Timestamp
    let hardEndAt: Timestamp
    /// When the deadlines of the job are to be looked at next.
    var nextCheckAt: Timestamp
    /// How many lines the timeline has; the sequence number of the last one.
    var timelineCount: Int
    /// The time of the last line.
    var timelineTime: Timestamp
    var machine: JobStateMachine
    /// Whether its runs wait for a go-ahead.
    let awaitsGo: Bool
    /// When it was last asked to be cancelled.
    var cancelRequestedAt: Timestamp?
    /// The commonest error of its runs.
    var error: JobError?

    /// As what the job is to be counted.
    var current: JobCountKey {
        JobCountKey(operation: stored.operation, status: machine.status, changed: machine.changed)
    }

    init(_ row: SQLRow) throws {
        key = row[0]
        id = try JobID(stored: row[1])
        stored = JobCountKey(operation: row[16], status: try row.stored(2), changed: row[17])
        deadlineAt = Timestamp(milliseconds: row[3])
        hardEndAt = Timestamp(milliseconds: row[4])
        nextCheckAt = Timestamp(milliseconds: row[5])
        timelineCount = row[6]
        timelineTime = Timestamp(milliseconds: row[7])
        var counts = RunCounts(pending: 0)
        for (place, state) in RunState.allCases.enumerated() { counts[state] = row[Self.firstCount + place] }
        machine = JobStateMachine(
            counts: counts,
            changedCount: row[10],
            unchangedCount: row[11],
            acknowledgedAt: row.time(8),
            startedAt: row.time(14),
            completedAt: row.time(9),
            statusUpdatedAt: row.time(15)
        )
        awaitsGo = row[12]
        cancelRequestedAt = row.time(13)
        error = (row[18] as String?).map { JobError(code: $0, message: row[19], agents: row[20]) }
    }
}

extension Job {
    /// The columns that ``init(_:)`` reads, of `jobs` as `j` and `job_operations` as `o`.
    static let columns = """
        \(JobProgress.columns), o.data, j.target, j.note, j.created_by, j.created_at,
        j.retry_max_attempts, j.retry_backoff_ms, j.on_interrupt, j.parallel, j.retry_of, j.cancel_requested_by,
        j.cancel_reason, j.labels, j.dry_run,
        (SELECT count(*) FROM jobs c WHERE c.retry_of = j.id AND c.is_deleted = 0), j.webhook, j.traceparent
        """

    /// Where the column after ``columns`` is.
    static let nextColumn = JobProgress.nextColumn + 17

    init(_ row: SQLRow) throws {
        let progress = try JobProgress(row)
        let next = JobProgress.nextColumn
        let request = JobRequest(
            operation: OperationRequest(type: progress.stored.operation, data: try row.json(next) ?? .object([:])),
            target: row[next + 1],
            note: row[next + 2],
            retry: row.retryPolicy(attempts: next + 5, backoff: next + 6),
            onInterrupt: try row.stored(next + 7, as: InterruptPolicy.self),
            parallel: row[next + 8],
            dryRun: row[next + 13],
            labels: try row.json(next + 12, as: [String: String].self)
        )
        let cancel = progress.cancelRequestedAt.map { time in
            CancelRequest(requestedAt: time, requestedBy: row[next + 10], reason: row[next + 11])
        }
        self.init(
            id: progress.id,
            request: request,
            createdAt: Timestamp(milliseconds: row[next + 4]),
            updatedAt: progress.timelineTime,
            deadlineAt: progress.deadlineAt,
            progress: progress.machine,
            createdBy: row[next + 3],
            error: progress.error,
            retryOf: try (row[next + 9] as Data?).map(JobID.init(stored:)),
            retries: row[next + 14],
            cancel: cancel,
            webhook: try row.json(next + 15, as: JobWebhook.self),
            trace: (row[next + 16] as String?).flatMap(TraceContext.init)
        )
    }
}

extension SQLRow {
    /// The policy in two columns; nil where there is none.
    func retryPolicy(attempts: Int, backoff: Int) -> RetryPolicy? {
        let pause = Double(self[backoff] as Int64? ?? 0) / 1000
        return (self[attempts] as Int?).map { RetryPolicy(maxAttempts: $0, backoff: pause) }
    }
}

extension JobID {
    /// The key of the job's row: the part of the id that the controller counts up (the time and the 12 bits after the
    /// version), so that rows, and all indexes that end in a row's key, are in the order of the ids.
    var key: Int64 { Int64(high >> 16) << 12 | Int64(high & 0xFFF) }

    /// The 16 bytes under which the id is stored; they sort as the id does.
    var stored: Data {
        var bytes = Data(capacity: 16)
        for half in [high, low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: half >> UInt64(shift)))
            }
        }
        return bytes
    }

    init(stored bytes: Data) throws {
        guard bytes.count == 16 else { throw StoreError(.corrupt, "a stored job id has \(bytes.count) bytes") }
        let half = { (bytes: Data) in bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(high: half(bytes.prefix(8)), low: half(bytes.suffix(8)))
    }
}
