// SPDX-License-Identifier: Apache-2.0

import Access
import GRDB
package import Jobs

extension SQLiteStore {
    /// The record of a job with what was asked for beside it; nil if there is no such job.
    package func job(_ id: JobID, expanding expansions: Set<JobExpansion>) async throws -> Job? {
        try await read { db in
            let found = try db.query(
                """
                SELECT \(Job.columns), j.job FROM jobs j JOIN job_operations o USING (job)
                WHERE j.id = ? AND j.is_deleted = 0
                """
            ).with(id.stored).first { (job: try Job($0), key: $0[Job.nextColumn] as Int64) }
            guard let found else { return nil }
            let job = try db.withSingleRun(found.job, key: found.key)
            return try db.expanded(job, key: found.key, expansions)
        }
    }

    /// A part of a listing of jobs, newest first.
    package func jobs(_ query: JobQuery, _ window: ListingWindow<JobID>) async throws -> ListingPart<Job> {
        try await read { db in
            let counts = try db.jobCounts()
            let statusCounts = query.isBare ? nil : try db.statusCounts(query.visibility, counts)
            let selection = try JobSelection(query.filter, query.visibility, counts, db)
            guard let selection else {
                let total = query.isCounting ? 0 : nil
                return ListingPart(items: [], hasMore: false, total: total, statusCounts: statusCounts)
            }
            let total = query.isCounting ? try db.number(of: selection, counts) : nil
            let keys = try db.keys(of: selection, counts, window)
            let (items, hasMore) = try db.jobs(keys, window, query)
            return ListingPart(items: items, hasMore: hasMore, total: total, statusCounts: statusCounts)
        }
    }

    /// How many jobs there are in each status; a status that no job has is zero.
    package func statusCounts() async throws -> [JobStatus: Int] {
        try await read { db in try db.statusCounts(.all, db.jobCounts()) }
    }
}

extension Database {
    /// The kept numbers of jobs.
    func jobCounts() throws -> [JobCountKey: Int] {
        var counts: [JobCountKey: Int] = [:]
        try query("SELECT operation_type, status, changed, number FROM job_counts").each { row in
            let changed: Int = row[2]
            let key = JobCountKey(
                operation: row[0],
                status: try row.stored(1),
                changed: changed < 0 ? nil : changed == 1
            )
            counts[key] = row[3]
            return true
        }
        return counts
    }

    /// How many of the jobs that may be seen are in each status.
    fileprivate func statusCounts(
        _ visibility: JobQuery.Visibility,
        _ counts: [JobCountKey: Int]
    ) throws -> [JobStatus: Int] {
        var numbers = Dictionary(uniqueKeysWithValues: JobStatus.allCases.map { ($0, 0) })
        switch visibility {
        case .all:
            for (key, number) in counts { numbers[key.status, default: 0] += number }
        case .operations(let patterns):
            for (key, number) in counts where patterns.contains(where: { $0.matches(key.operation) }) {
                numbers[key.status, default: 0] += number
            }
        case .own(let name, let since):
            let count = try query(
                """
                SELECT count(*) FROM jobs j INDEXED BY jobs_by_creator
                WHERE j.is_deleted = 0 AND j.created_by = ? AND j.status = ? AND j.job >= ?
                """
            )
            for status in JobStatus.allCases {
                numbers[status] = try count.with(name).with(status.rawValue).with(since.firstKey).first { $0[0] }
            }
        }
        return numbers
    }

    /// The records behind keys, until there is no more room; and whether there are more.
    ///
    /// The last of the keys is there to tell that, where the window is full without it.
    fileprivate func jobs(
        _ keys: [Int64],
        _ window: ListingWindow<JobID>,
        _ asked: JobQuery
    ) throws -> (items: [Job], hasMore: Bool) {
        let query = try query(
            """
            SELECT \(Job.columns), length(o.data) FROM jobs j CROSS JOIN job_operations o USING (job) WHERE j.job = ?
            """
        )
        var jobs: [Job] = []
        var bytes = 0
        for key in keys.prefix(max(0, window.limit)) {
            let found = try query.with(key).first { (job: try Job($0), size: $0[Job.nextColumn] as Int) }
            guard let found else { continue }
            let job =
                asked.isBare
                ? found.job : try expanded(try withSingleRun(found.job, key: key), key: key, asked.expansions)
            bytes += found.size + job.sizeOfTexts
            if !jobs.isEmpty, bytes > window.maximumBytes { return (jobs, true) }
            jobs.append(job)
        }
        return (jobs, keys.count > jobs.count && !jobs.isEmpty)
    }
}
