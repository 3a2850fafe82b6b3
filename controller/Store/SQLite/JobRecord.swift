// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// What moves of a job: the part of its row that the moves of its runs change.
struct JobProgress {
    /// The columns that ``init(_:)`` reads, of `jobs` as `j`, in its order.
    static let columns = """
        j.job, j.id, j.status, j.deadline_at, j.hard_end_at, j.next_check_at, j.timeline_count, j.timeline_time,
        j.started_at, j.finished_at, j.changed_count, j.unchanged_count, j.awaits_go, j.cancel_requested_at,
        \(RunState.allCases.map { "j.\($0.rawValue)" }.joined(separator: ", "))
        """
    /// Where the column after ``columns`` is.
    static let nextColumn = firstCount + RunState.allCases.count
    private static let firstCount = 14

    let key: Int64
    let id: JobID
    /// The status that is stored, and counted in `job_status_counts`.
    let storedStatus: JobStatus
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

    init(_ row: SQLRow) throws {
        key = row[0]
        id = try JobID(stored: row[1])
        storedStatus = try row.stored(2)
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
            startedAt: row.time(8),
            finishedAt: row.time(9)
        )
        awaitsGo = row[12]
        cancelRequestedAt = row.time(13)
    }
}

extension Job {
    /// The columns that ``init(_:)`` reads, of `jobs` as `j` and `job_operations` as `o`.
    static let columns = """
        \(JobProgress.columns), j.operation_type, o.data, j.target, j.note, j.submitted_by, j.created_at,
        j.retry_max_attempts, j.retry_backoff_ms, j.on_interrupt, j.parallel, j.retry_of, j.cancel_requested_by,
        j.cancel_reason
        """

    /// Where the column after ``columns`` is.
    static let nextColumn = JobProgress.nextColumn + 13

    init(_ row: SQLRow) throws {
        let progress = try JobProgress(row)
        let next = JobProgress.nextColumn
        let request = JobRequest(
            operation: OperationRequest(type: row[next], data: try row.json(next + 1) ?? .object([:])),
            target: row[next + 2],
            note: row[next + 3],
            retry: row.retryPolicy(attempts: next + 6, backoff: next + 7),
            onInterrupt: try row.stored(next + 8, as: InterruptPolicy.self),
            parallel: row[next + 9]
        )
        let cancel = progress.cancelRequestedAt.map { time in
            CancelRequest(requestedAt: time, requestedBy: row[next + 11], reason: row[next + 12])
        }
        self.init(
            id: progress.id,
            request: request,
            createdAt: Timestamp(milliseconds: row[next + 5]),
            deadlineAt: progress.deadlineAt,
            progress: progress.machine,
            submittedBy: row[next + 4],
            retryOf: try (row[next + 10] as Data?).map(JobID.init(stored:)),
            cancel: cancel
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
