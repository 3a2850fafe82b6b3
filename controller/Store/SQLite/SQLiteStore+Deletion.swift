// SPDX-License-Identifier: Apache-2.0

package import Access
import GRDB
package import Jobs

// A job is deleted in two steps: first it is hidden, which takes it out of listings and counts at once; then its rows are
// taken away some at a time, so that nobody waits long behind that.

extension SQLiteStore {
    /// Deletes a job that has ended; its rows are left to ``purge(limit:)``.
    package func delete(_ id: JobID, audit: AuditEntry?) async throws -> DeleteResult {
        try await write { [endedRuns = measured.endedRuns] db in
            let transaction = StoreTransaction(db, now: Timestamp(milliseconds: 0), counting: endedRuns)
            guard let key = try transaction.key(of: id) else { return .noSuchJob }
            let job = try transaction.progress(of: key)
            guard job.machine.status.isTerminal else { return .notFinished }
            try transaction.hide([key])
            if let audit { try db.append(audit) }
            return .deleted
        }
    }

    /// Deletes the jobs that ended first, as far as they are too old or too many.
    package func deleteHistory(_ retention: Retention, limit: Int, now: Timestamp) async throws -> Int {
        try await write { [endedRuns = measured.endedRuns] db in
            let transaction = StoreTransaction(db, now: now, counting: endedRuns)
            var keys: [Int64] = []
            if let age = retention.maximumAge {
                let statement = try db.cachedStatement(
                    sql: """
                        SELECT job FROM jobs INDEXED BY finished_jobs
                        WHERE completed_at < ? AND completed_at IS NOT NULL AND is_deleted = 0
                        ORDER BY completed_at LIMIT ?
                        """
                )
                keys = try Int64.fetchAll(statement, arguments: [now.milliseconds - age.wholeMilliseconds, limit])
            }
            let excess = min(limit, try transaction.excess(over: retention))
            if excess > keys.count {
                let statement = try db.cachedStatement(
                    sql: """
                        SELECT job FROM jobs INDEXED BY finished_jobs
                        WHERE completed_at IS NOT NULL AND is_deleted = 0
                        ORDER BY completed_at LIMIT ?
                        """
                )
                keys = try Int64.fetchAll(statement, arguments: [excess])
            }
            try transaction.hide(keys)
            if !keys.isEmpty {
                let what = "\(keys.count) of the oldest jobs"
                try db.append(AuditEntry(time: now, action: "deleteHistory", detail: what))
            }
            return keys.count
        }
    }

    /// Takes away some rows of deleted jobs.
    package func purge(limit: Int) async throws -> Bool {
        try await write { db in
            let statement = try db.cachedStatement(
                sql: "SELECT job FROM jobs INDEXED BY deleted_jobs WHERE is_deleted = 1 ORDER BY job LIMIT ?"
            )
            try db.keepFeedEnd()
            var budget = limit
            for job in try Int64.fetchAll(statement, arguments: [limit]) {
                guard try db.purge(job, budget: &budget), budget > 0 else { return true }
            }
            return false
        }
    }
}

extension StoreTransaction {
    /// Takes jobs out of sight and out of the counts.
    fileprivate func hide(_ keys: [Int64]) throws {
        for key in keys {
            let job = try progress(of: key)
            try db.cachedStatement(sql: "UPDATE jobs SET is_deleted = 1 WHERE job = ?").execute(arguments: [key])
            try count(job.stored, by: -1)
            try db.cachedStatement(sql: "DELETE FROM orders WHERE job = ?").execute(arguments: [key])
            try db.deleteWebhook(ofJob: key)
            try db.cachedStatement(sql: "UPDATE idempotency_keys SET job = NULL WHERE job = ?")
                .execute(arguments: [key])
        }
    }

    /// How many jobs there are more than there may be.
    ///
    /// By size it is only known that there are too many: then a few go, and it is looked at again after they are gone.
    fileprivate func excess(over retention: Retention) throws -> Int {
        var excess = 0
        if let most = retention.maximumJobs {
            let jobs = try Int.fetchOne(db.cachedStatement(sql: "SELECT sum(number) FROM job_counts")) ?? 0
            excess = max(0, jobs - most)
        }
        if let most = retention.maximumBytes, excess == 0, try bytesInUse() > most { excess = 20 }
        return excess
    }

    private func bytesInUse() throws -> Int64 {
        func pragma(_ name: String) throws -> Int64 { try Int64.fetchOne(db, sql: "PRAGMA \(name)") ?? 0 }
        return try (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
    }
}

extension Database {
    /// Takes away rows of a deleted job, as many as the budget allows.
    ///
    /// - Returns: whether nothing of it is left.
    fileprivate func purge(_ job: Int64, budget: inout Int) throws -> Bool {
        let tables = [("run_data", "agent"), ("runs", "agent"), ("events", "sequence"), ("job_errors", "code")]
        for (table, key) in tables {
            // By the key of the table: SQLite of Debian has no DELETE with a LIMIT.
            try cachedStatement(
                sql: """
                    DELETE FROM \(table) WHERE job = ?1 AND \(key) IN
                        (SELECT \(key) FROM \(table) WHERE job = ?1 LIMIT ?2)
                    """
            ).execute(arguments: [job, max(0, budget)])
            budget -= changesCount
            guard budget > 0 else { return false }
        }
        let labels = try query("SELECT labels FROM jobs WHERE job = ?").with(job)
            .first { try $0.json(0, as: [String: String].self) }
        for (name, value) in (labels ?? nil) ?? [:] {
            try query("DELETE FROM job_labels WHERE name = ? AND value = ? AND job = ?")
                .with(name).with(value).with(job).execute()
        }
        try cachedStatement(sql: "DELETE FROM job_operations WHERE job = ?").execute(arguments: [job])
        try cachedStatement(sql: "DELETE FROM jobs WHERE job = ?").execute(arguments: [job])
        budget -= 1
        return true
    }
}
