// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

extension SQLiteStore {
    /// A part of the timeline of a job in the order of events; nil if there is no such job.
    package func timeline(of id: JobID, limit: Int, offset: Int) async throws -> Page<TimelineEvent>? {
        try await read { db in
            guard let job = try db.progress(of: id) else { return nil }
            // The numbers of the lines have no gaps, so an offset is a place to begin at.
            let lines = try db.query(
                """
                SELECT \(TimelineEvent.columns) FROM events WHERE job = ? AND sequence > ? ORDER BY sequence LIMIT ?
                """
            )
            let items = try lines.with(job.key).with(max(0, offset)).with(max(0, limit)).all(TimelineEvent.init)
            return Page(items: items, total: job.timelineCount, limit: limit, offset: offset)
        }
    }

    /// A part of the runs of a job by hostname, with data if asked for; nil if there is no such job.
    package func runs(
        of id: JobID,
        state: RunState?,
        includingData: Bool,
        _ window: ListingWindow<String>
    ) async throws -> ListingPart<Run>? {
        let reader = ListingReader(window)
        return try await read { db in
            guard let job = try db.progress(of: id) else { return nil }
            let (items, hasMore) = try db.runs(of: job, state, includingData, from: window.start, reader)
            let counts = job.machine.counts
            return ListingPart(items: items, hasMore: hasMore, total: state.map { counts[$0] } ?? counts.total)
        }
    }
}

extension Database {
    fileprivate func runs(
        of job: JobProgress,
        _ state: RunState?,
        _ includingData: Bool,
        from start: ListingWindow<String>.Start,
        _ reader: ListingReader
    ) throws -> (items: [Run], hasMore: Bool) {
        var condition = state == nil ? "r.job = ?" : "r.job = ? AND r.state = ?"
        var arguments: [any SQLValue] = [job.key] + (state.map { [$0.rawValue] } ?? [])
        switch start {
        case .offset(...0): break
        case .offset(let offset):
            // Passed over in an index, without a look at the rows.
            let first = try query(
                "SELECT r.hostname FROM runs r WHERE \(condition) ORDER BY r.hostname LIMIT 1 OFFSET ?"
            ).with(all: arguments).with(offset)
            guard let hostname: String = try first.first({ $0[0] }) else { return ([], false) }
            condition += " AND r.hostname >= ?"
            arguments += [hostname]
        case .after(let hostname):
            condition += " AND r.hostname > ?"
            arguments += [hostname]
        }
        let page = try query(
            """
            SELECT \(RunRecord.columns), \(includingData ? "length(d.data), d.data" : "0")
            FROM runs r CROSS JOIN agents a ON a.agent = r.agent
            \(includingData ? "LEFT JOIN run_data d ON d.job = r.job AND d.agent = r.agent" : "")
            WHERE \(condition) ORDER BY r.hostname LIMIT ?
            """
        )
        let size = RunRecord.nextColumn
        return try reader.items(page.with(all: arguments).with(reader.rows), size: size) { row in
            var run = try RunRecord(row, jobID: job.id).run
            if includingData { run.data = try row.json(size + 1) }
            return run
        }
    }

    fileprivate func progress(of id: JobID) throws -> JobProgress? {
        try query("SELECT \(JobProgress.columns) FROM jobs j WHERE j.id = ? AND j.is_deleted = 0")
            .with(id.stored).first(JobProgress.init)
    }
}
