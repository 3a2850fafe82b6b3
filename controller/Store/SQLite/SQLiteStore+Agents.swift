// SPDX-License-Identifier: Apache-2.0

package import Access
import GRDB
package import Jobs

extension SQLiteStore {
    /// Every agent known that has not been replaced, `connected` false, by hostname.
    package func agents() async throws -> [StoredAgent] {
        try await read { db in
            try db.query(StoredAgent.selection).all(StoredAgent.init)
        }
    }

    /// Takes in what agents told, in order, in one transaction.
    package func record(_ updates: [AgentUpdate], now: Timestamp) async throws -> StoreChanges {
        guard !updates.isEmpty else { return StoreChanges() }
        return try await write { [endedRuns = measured.endedRuns] db in
            let transaction = StoreTransaction(db, now: now, counting: endedRuns)
            for update in updates { try transaction.take(update) }
            return try transaction.finish()
        }
    }

    /// The deliveries that each of these agents does not hold yet, oldest first, marked as offered.
    package func offers(
        for requests: [OfferRequest],
        limit: Int,
        now: Timestamp
    ) async throws -> [AgentID: [Delivery]] {
        guard !requests.isEmpty else { return [:] }
        return try await write { [endedRuns = measured.endedRuns] db in
            let transaction = StoreTransaction(db, now: now, counting: endedRuns)
            var operations: StoreTransaction.KnownOperations = [:]
            var offers: [AgentID: [Delivery]] = [:]
            for request in requests {
                let deliveries = try transaction.offer(request, limit: limit, operations: &operations)
                offers[request.agentID] = deliveries.isEmpty ? nil : deliveries
            }
            try transaction.finish()
            return offers
        }
    }

    /// Makes `lost` of all acknowledged and started runs of these agents, but for those whose hosts start again.
    package func endSilent(_ agents: [AgentID], now: Timestamp) async throws -> SilenceResult {
        guard !agents.isEmpty else { return SilenceResult() }
        return try await write { [endedRuns = measured.endedRuns] db in
            let transaction = StoreTransaction(db, now: now, counting: endedRuns)
            var awaited: [AgentID: Timestamp] = [:]
            for id in agents {
                if let until = try transaction.returnAwaited(of: id), until > now {
                    awaited[id] = until
                } else {
                    try transaction.loseHeldRuns(of: id)
                }
            }
            return SilenceResult(changed: try transaction.finish().jobs, awaited: awaited)
        }
    }

    /// Lets an agent take nothing new, or lets it again.
    package func setDrain(
        _ drain: AgentDrain?,
        of id: AgentID,
        audit: AuditEntry?,
        now: Timestamp
    ) async throws -> StoreChanges {
        try await write { [endedRuns = measured.endedRuns] db in
            let transaction = StoreTransaction(db, now: now, counting: endedRuns)
            guard let agent = try transaction.agent(id) else { return StoreChanges() }
            try db.cachedStatement(
                sql: "UPDATE agents SET drained_at = ?, drained_by = ?, drain_reason = ? WHERE agent = ?"
            ).execute(arguments: [drain?.since.milliseconds, drain?.by, drain?.reason, agent.key])
            if let audit { try db.append(audit) }
            // With a new number, what was kept back is looked for again. What waits keeps its own: the agent may hold it.
            if drain == nil, try transaction.hasPending(agent) { _ = try transaction.nextDelivery(to: id) }
            return try transaction.finish()
        }
    }
}
