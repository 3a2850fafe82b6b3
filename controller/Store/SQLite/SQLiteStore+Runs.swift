// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

extension SQLiteStore {
    /// A part of the timeline of a job in the order of events; nil if there is no such job.
    package func timeline(of id: JobID, limit: Int, offset: Int) async throws -> Page<TimelineEvent>? {
        try await read { db in
            guard let job = try db.progress(of: id) else { return nil }
            // The numbers of the lines have no gaps, so an offset is a place to begin at.
            let statement = try db.cachedStatement(
                sql: """
                    SELECT time, event, hostname, message, error_code, error_message FROM events
                    WHERE job = ? AND sequence > ? ORDER BY sequence LIMIT ?
                    """
            )
            let rows = try Row.fetchAll(statement, arguments: [job.key, max(0, offset), max(0, limit)])
            let items = try rows.map { row in
                TimelineEvent(
                    time: Timestamp(milliseconds: row[0]),
                    event: try row.stored(1),
                    hostname: row[2],
                    message: row[3],
                    error: row.error(code: 4, message: 5)
                )
            }
            return Page(items: items, total: job.timelineCount, limit: limit, offset: offset)
        }
    }

    /// A part of the runs of a job by hostname, with data if asked for; nil if there is no such job.
    package func runs(
        of id: JobID,
        state: RunState?,
        includingData: Bool,
        limit: Int,
        offset: Int
    ) async throws -> Page<Run>? {
        let sql = Self.selectRuns(isFiltered: state != nil, includingData: includingData)
        let bounds: StatementArguments = [max(0, limit), max(0, offset)]
        return try await read { db in
            guard let job = try db.progress(of: id) else { return nil }
            let filter: StatementArguments = state.map { [$0.rawValue] } ?? []
            let arguments = [job.key] + filter + bounds + [job.key]
            let rows = try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
            let items = try rows.map { row in
                var run = try RunRecord(row, jobID: id).run
                if includingData { run.data = try row.json(RunRecord.nextColumn) }
                return run
            }
            let counts = job.machine.counts
            return Page(items: items, total: state.map { counts[$0] } ?? counts.total, limit: limit, offset: offset)
        }
    }

    /// What is left out by the offset is passed over in an index, without a look at the rows.
    private static func selectRuns(isFiltered: Bool, includingData: Bool) -> String {
        """
        SELECT \(RunRecord.columns)\(includingData ? ", d.data" : "")
        FROM (
            SELECT agent FROM runs WHERE job = ?\(isFiltered ? " AND state = ?" : "")
            ORDER BY hostname, agent LIMIT ? OFFSET ?
        ) p
        CROSS JOIN runs r ON r.job = ? AND r.agent = p.agent
        CROSS JOIN agents a ON a.agent = r.agent
        \(includingData ? "LEFT JOIN run_data d ON d.job = r.job AND d.agent = r.agent" : "")
        ORDER BY r.hostname, r.agent
        """
    }
}

extension Database {
    fileprivate func progress(of id: JobID) throws -> JobProgress? {
        let statement = try cachedStatement(
            sql: "SELECT \(JobProgress.columns) FROM jobs j WHERE j.id = ? AND j.is_deleted = 0"
        )
        return try Row.fetchOne(statement, arguments: [id.stored]).map(JobProgress.init)
    }
}
