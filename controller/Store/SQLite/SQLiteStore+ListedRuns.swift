// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import GRDB
import Jobs

extension SQLiteStore {
    /// A part of the runs of the jobs of a listing.
    package func runs(
        ofJobs query: JobQuery,
        after place: RunPlace?,
        limit: Int,
        maximumBytes: Int
    ) async throws -> ListingPart<ListedRun> {
        try await read { db in
            var part = ListedRuns(limit: max(1, limit), maximumBytes: maximumBytes)
            // The job that a part ended in is gone through to its end, whether it still fits the filter or not.
            if let place { try part.take(place.jobID.key, after: place.hostname, db) }
            let counts = try db.jobCounts()
            guard !part.hasMore, let selection = try JobSelection(query.filter, query.visibility, counts, db) else {
                return part.whole
            }
            // Each job has a run at least.
            let start = place.map { ListingWindow<JobID>.Start.after($0.jobID) } ?? .offset(0)
            let window = ListingWindow(from: start, limit: part.room)
            for key in try db.keys(of: selection, counts, window) where !part.hasMore {
                try part.take(key, after: "", db)
            }
            return part.whole
        }
    }
}

/// Runs that are read job by job, until there is no more room.
private struct ListedRuns {
    let limit: Int
    let maximumBytes: Int
    private var items: [ListedRun] = []
    private var bytes = 0
    /// Whether a run was found for which there was no room.
    private(set) var hasMore = false

    init(limit: Int, maximumBytes: Int) {
        self.limit = limit
        self.maximumBytes = maximumBytes
    }

    /// How many runs more there is room for.
    var room: Int { limit - items.count }

    var whole: ListingPart<ListedRun> { ListingPart(items: items, hasMore: hasMore, total: nil) }

    /// What is told is looked at for its exit code alone, in the database.
    private static let text = """
        SELECT \(RunRecord.columns), coalesce(length(d.data), 0) + coalesce(length(r.error_message), 0),
            CASE WHEN json_valid(d.data) THEN
                CASE json_type(d.data, '$.exit_code') WHEN 'integer' THEN json_extract(d.data, '$.exit_code') END
            END
        FROM runs r CROSS JOIN agents a ON a.agent = r.agent
        LEFT JOIN run_data d ON d.job = r.job AND d.agent = r.agent
        WHERE r.job = ? AND r.hostname > ? ORDER BY r.hostname LIMIT ?
        """

    /// Takes the runs of a job behind a host; none of one that has been deleted.
    mutating func take(_ key: Int64, after hostname: String, _ db: Database) throws {
        let found = try db.query("SELECT id, operation_type, created_at FROM jobs WHERE job = ? AND is_deleted = 0")
            .with(key).first { row in
                (id: try JobID(stored: row[0]), operation: row[1] as String, createdAt: Timestamp(milliseconds: row[2]))
            }
        guard let job = found else { return }
        let size = RunRecord.nextColumn
        try db.query(Self.text).with(key).with(hostname).with(room + 1).each { row in
            bytes += row[size]
            hasMore = items.count == limit || (!items.isEmpty && bytes > maximumBytes)
            guard !hasMore else { return false }
            items.append(
                ListedRun(
                    run: try RunRecord(row, jobID: job.id).run,
                    operation: job.operation,
                    createdAt: job.createdAt,
                    exitCode: row[size + 1]
                )
            )
            return true
        }
    }
}
