// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// A row of `runs` with the id of its agent.
struct RunRecord {
    /// The columns that ``init(_:jobID:)`` reads, of `runs` as `r` and `agents` as `a`, in its order.
    static let columns = """
        r.job, r.agent, a.id, r.hostname, r.state, r.attempt, r.delivery, r.changed, r.error_code, r.error_message,
        r.acknowledged_at, r.started_at, r.completed_at, r.digest, r.awaited_until
        """
    /// Where the column after ``columns`` is.
    static let nextColumn = 15

    let job: Int64
    let agent: Int64
    let delivery: Int64
    let run: Run

    /// The same row after its run has moved.
    init(_ run: Run, of record: RunRecord) {
        job = record.job
        agent = record.agent
        delivery = record.delivery
        self.run = run
    }

    /// Reads the columns by their places, since there may be thousands of rows in a transaction.
    init(_ row: SQLRow, jobID: JobID) throws {
        job = row[0]
        agent = row[1]
        delivery = row[6]
        var run = Run(
            jobID: jobID,
            agentID: AgentID(row[2]),
            hostname: row[3],
            state: try row.stored(4),
            attempt: row[5]
        )
        run.changed = row[7]
        run.error = row.error(code: 8, message: 9)
        run.acknowledgedAt = row.time(10)
        run.startedAt = row.time(11)
        run.completedAt = row.time(12)
        run.digest = row.digest(13)
        run.awaitedUntil = row.time(14)
        self.run = run
    }
}

extension ResultDigest {
    /// As it is stored.
    var stored: Data { Data(bytes) }
}

extension SQLRow {
    /// A digest; nil for null.
    func digest(_ column: Int) -> ResultDigest? {
        (self[column] as Data?).flatMap { ResultDigest(bytes: $0) }
    }
}

/// The text under which a value is stored as JSON.
func storedJSON(_ value: JSONValue) throws -> String {
    String(decoding: try value.text(), as: UTF8.self)
}
