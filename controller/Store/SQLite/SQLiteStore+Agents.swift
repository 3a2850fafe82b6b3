// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

extension SQLiteStore {
    /// Every agent known that has not been replaced, `connected` false, by hostname.
    package func agents() async throws -> [StoredAgent] {
        try await read { db in
            let sql = "SELECT \(StoredAgent.columns) FROM agents WHERE hostname IS NOT NULL ORDER BY hostname"
            return try Row.fetchAll(db, sql: sql).map(StoredAgent.init)
        }
    }

    /// Takes in what agents told, in order, in one transaction.
    package func record(_ updates: [AgentUpdate], now: Timestamp) async throws -> [JobID: JobStateMachine] {
        guard !updates.isEmpty else { return [:] }
        return try await write { db in
            let transaction = StoreTransaction(db, now: now)
            for update in updates { try transaction.take(update) }
            return try transaction.finish()
        }
    }

    /// The pending runs that each of these agents does not hold yet, oldest first, marked as offered.
    package func offers(
        for requests: [OfferRequest],
        limit: Int,
        now: Timestamp
    ) async throws -> [AgentID: [Assignment]] {
        guard !requests.isEmpty else { return [:] }
        return try await write { db in
            let transaction = StoreTransaction(db, now: now)
            var operations: [Int64: OperationRequest] = [:]
            var offers: [AgentID: [Assignment]] = [:]
            for request in requests {
                let assignments = try transaction.offer(request, limit: limit, operations: &operations)
                offers[request.agentID] = assignments.isEmpty ? nil : assignments
            }
            _ = try transaction.finish()
            return offers
        }
    }

    /// Makes `lost` of all acknowledged and started runs of these agents.
    package func endSilent(_ agents: [AgentID], now: Timestamp) async throws -> [JobID: JobStateMachine] {
        guard !agents.isEmpty else { return [:] }
        return try await write { db in
            let transaction = StoreTransaction(db, now: now)
            for id in agents { try transaction.loseHeldRuns(of: id) }
            return try transaction.finish()
        }
    }
}
