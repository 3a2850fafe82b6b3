// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

extension SQLiteStore {
    /// Ends what is overdue, at most `limit` runs, in one transaction.
    package func endOverdue(lease: Duration, limit: Int, now: Timestamp) async throws -> OverdueResult {
        try await write { [endedRuns = measured.endedRuns] db in
            let transaction = StoreTransaction(db, now: now, counting: endedRuns)
            let more = try transaction.endOverdue(lease: lease, limit: max(1, limit))
            return OverdueResult(changed: try transaction.finish().jobs, more: more)
        }
    }
}

extension StoreTransaction {
    /// - Returns: whether there is more to end at the same time.
    fileprivate func endOverdue(lease: Duration, limit: Int) throws -> Bool {
        // Looking at a job counts as much as ending a run, so that also jobs with nothing to end are bounded.
        var budget = limit
        for job in try dueJobs(limit: limit + 1) {
            guard budget > 0 else { return true }
            let check = DeadlineCheck(deadlineAt: job.deadlineAt, hardEndAt: job.hardEndAt, lease: lease)
            let overdue = try overdueRuns(of: job.key, check.due(at: now), limit: budget + 1)
            for (run, offered) in overdue.prefix(budget) { try giveUp(run, offered: offered) }
            guard overdue.count <= budget else { return true }
            let pending = try progress(of: job.key).machine.counts[.pending]
            try setNextCheck(of: job.key, check.next(after: now, hasPending: pending > 0))
            budget -= max(1, overdue.count)
        }
        return false
    }

    private func dueJobs(limit: Int) throws -> [JobProgress] {
        let sql = """
            SELECT \(JobProgress.columns) FROM jobs j
            WHERE j.completed_at IS NULL AND j.next_check_at <= ? ORDER BY j.next_check_at LIMIT ?
            """
        return try db.query(sql).with(now.milliseconds).with(limit).all(take)
    }

    private func overdueRuns(
        of job: Int64,
        _ due: DeadlineCheck.Due,
        limit: Int
    ) throws -> [(run: RunRecord, offered: Int64)] {
        let condition: String
        switch due {
        case .nothing: return []
        case .unoffered: condition = "r.state = 'pending' AND r.delivery > d.offered_delivery"
        case .pending: condition = "r.state = 'pending'"
        case .open: condition = "r.state IN ('pending', 'acknowledged', 'started')"
        }
        try writeRuns()
        let sql = """
            SELECT \(RunRecord.columns), d.offered_delivery
            FROM runs r CROSS JOIN agents a ON a.agent = r.agent CROSS JOIN agent_deliveries d ON d.agent = r.agent
            WHERE r.job = ? AND \(condition) LIMIT ?
            """
        let id = try progress(of: job).id
        return try db.query(sql).with(job).with(limit).all { row in
            (try RunRecord(row, jobID: id), row[RunRecord.nextColumn])
        }
    }
}
