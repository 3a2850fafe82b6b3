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
        _ filter: RunFilter,
        includingData: Bool,
        _ window: ListingWindow<String>
    ) async throws -> ListingPart<Run>? {
        let reader = ListingReader(window)
        return try await read { db in
            guard let job = try db.progress(of: id) else { return nil }
            let selection = RunSelection(filter, job: job.key)
            let (items, hasMore) = try db.runs(of: job, selection, includingData, from: window.start, reader)
            return ListingPart(items: items, hasMore: hasMore, total: try db.number(of: filter, in: job))
        }
    }

    /// The run of a job on a host, with its data; nil if there is none.
    package func run(of id: JobID, on hostname: String) async throws -> Run? {
        try await read { db in
            guard let job = try db.progress(of: id) else { return nil }
            let found = try db.query(
                """
                SELECT \(RunRecord.columns), d.data
                FROM runs r INDEXED BY runs_by_host CROSS JOIN agents a ON a.agent = r.agent
                LEFT JOIN run_data d ON d.job = r.job AND d.agent = r.agent
                WHERE r.hostname = ? COLLATE NOCASE AND r.job = ?
                """
            ).with(hostname).with(job.key).all { row in
                var run = try RunRecord(row, jobID: id).run
                run.data = try row.json(RunRecord.nextColumn)
                return run
            }
            // Where two hosts have names that differ in upper and lower case only, the exact one is meant.
            return found.first { $0.hostname == hostname } ?? found.first
        }
    }
}

extension Database {
    fileprivate func runs(
        of job: JobProgress,
        _ selection: RunSelection,
        _ includingData: Bool,
        from start: ListingWindow<String>.Start,
        _ reader: ListingReader
    ) throws -> (items: [Run], hasMore: Bool) {
        var condition = selection.condition
        var arguments = selection.arguments
        switch start {
        case .offset(...0): break
        case .offset(let offset):
            // Passed over in an index, mostly without a look at the rows.
            let first = try query(
                "SELECT r.hostname FROM \(selection.source) WHERE \(condition) ORDER BY r.hostname LIMIT 1 OFFSET ?"
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
            FROM \(selection.source) CROSS JOIN agents a ON a.agent = r.agent
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

    /// The progress of a job; nil if there is no such job.
    func progress(of id: JobID) throws -> JobProgress? {
        try query("SELECT \(JobProgress.columns) FROM jobs j WHERE j.id = ? AND j.is_deleted = 0")
            .with(id.stored).first(JobProgress.init)
    }
}
