// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

extension SQLiteStore {
    /// Asks for a job to be cancelled: withdraws what no agent has seen, and orders the rest to be ended.
    package func cancel(_ id: JobID, _ request: NewCancel, now: Timestamp) async throws -> CancelResult {
        try await write { [endedRuns = measured.endedRuns] db in
            let transaction = StoreTransaction(db, now: now, counting: endedRuns)
            guard let key = try transaction.key(of: id) else { return .noSuchJob }
            guard try !transaction.progress(of: key).machine.status.isTerminal else { return .finished }
            try transaction.cancel(key, request)
            if let audit = request.audit { try db.append(audit) }
            return .requested(try transaction.finish())
        }
    }
}

extension StoreTransaction {
    /// Notes in the timeline of a job that a new one was made of runs of it; nothing where it was deleted meanwhile.
    func noteRetry(of origin: JobID, by job: NewJob) throws {
        guard let key = try key(of: origin) else { return }
        let count = job.agents.count
        let who = job.createdBy.map { " by \($0)" } ?? ""
        try append(
            .retried,
            message: "as \(job.id) on \(count) \(count == 1 ? "agent" : "agents")\(who)",
            toJob: key
        )
    }
}
