// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

extension SQLiteStore {
    /// The jobs for any one agent that no agent has acknowledged yet, oldest first.
    package func unacknowledgedAny(limit: Int) async throws -> [UnacknowledgedAny] {
        try await read { db in
            let sql = """
                SELECT j.id, j.target, a.id
                FROM jobs j CROSS JOIN runs r ON r.job = j.job CROSS JOIN agents a ON a.agent = r.agent
                WHERE j.awaits_go = 1 AND j.status = 'submitted' ORDER BY j.job LIMIT ?
                """
            return try db.query(sql).with(limit).all { row in
                UnacknowledgedAny(jobID: try JobID(stored: row[0]), target: row[1], agentID: AgentID(row[2]))
            }
        }
    }

    /// Gives the run of a job for any one agent to another agent, unless the first has acknowledged it meanwhile.
    package func reassign(
        _ id: JobID,
        from old: AgentID,
        to new: (id: AgentID, hostname: String),
        now: Timestamp
    ) async throws -> StoreChanges {
        try await write { [endedRuns = measured.endedRuns] db in
            let transaction = StoreTransaction(db, now: now, counting: endedRuns)
            try transaction.reassign(id, from: old, to: new)
            return try transaction.finish()
        }
    }
}

extension StoreTransaction {
    fileprivate func reassign(_ id: JobID, from old: AgentID, to new: (id: AgentID, hostname: String)) throws {
        guard let key = try key(of: id), let agent = try agent(old), let other = try self.agent(new.id),
            let record = try run(of: key, on: agent.key)
        else { return }
        let job = try progress(of: key)
        guard job.awaitsGo, record.run.state == .pending, job.cancelRequestedAt == nil, now < job.deadlineAt else {
            return
        }
        let number = try nextDelivery(to: new.id)
        try db.cachedStatement(
            sql: "UPDATE runs SET agent = ?, hostname = ?, delivery = ? WHERE job = ? AND agent = ?"
        ).execute(arguments: [other.key, new.hostname, number, key, agent.key])
        try append(
            .reassigned,
            message: "to \(new.hostname), since \(record.run.hostname) did not acknowledge",
            toJob: key
        )
    }
}
