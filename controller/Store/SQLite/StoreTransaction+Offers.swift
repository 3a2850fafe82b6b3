// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

// What is delivered to agents.

extension StoreTransaction {
    /// What jobs ask for, as far as it was looked up in this transaction.
    typealias KnownOperations = [Int64: KnownOperation]

    /// What a job asks for, and of whom and when it came.
    struct KnownOperation {
        let request: OperationRequest
        let policy: ExecutionPolicy
        let submittedBy: String?
        let createdAt: Timestamp
        let trace: TraceContext?
    }

    /// The pending runs and the orders that an agent does not hold, at most `limit`, which count as offered from now on.
    ///
    /// Runs whose job's deadline has passed are not offered. Those that lie before an offered delivery are ended here:
    /// otherwise the agent's next "I hold everything up to" would speak for them as well. So are runs of jobs that were
    /// asked to be cancelled: the agent has just said that it does not hold them. An agent that is drained gets orders only.
    func offer(_ request: OfferRequest, limit: Int, operations: inout KnownOperations) throws -> [Delivery] {
        guard let agent = try agent(request.agentID) else { return [] }
        let held = min(Int64(clamping: request.held), agent.last)
        let orders = try orders(of: agent, above: held, limit: limit)
        if agent.isDrained {
            guard let last = orders.last else { return [] }
            // What is kept back must not be below what is given.
            try renumberPending(of: request.agentID)
            try setDeliveries(of: request.agentID, held: agent.held, offered: Int64(clamping: last.number))
            return orders
        }
        let found = try offerable(to: agent, above: held, limit: limit, operations: &operations)
        let offers = Array((found.offers + orders).sorted { $0.number < $1.number }.prefix(limit))
        let offered = offers.last.map { Int64(clamping: $0.number) } ?? held
        for record in found.overdue where record.delivery < offered { try apply(.expired, to: record) }
        for record in found.cancelled { try apply(.withdrawn, to: record) }
        try setDeliveries(of: request.agentID, held: agent.held, offered: offered)
        return offers
    }

    private struct Offerable {
        var offers: [Delivery] = []
        var overdue: [RunRecord] = []
        var cancelled: [RunRecord] = []
    }

    private func offerable(
        to agent: AgentRecord,
        above held: Int64,
        limit: Int,
        operations: inout KnownOperations
    ) throws -> Offerable {
        var found = Offerable()
        var last = held
        while found.offers.count < limit {
            let wanted = limit - found.offers.count
            let batch = try runs(
                where: "r.agent = ? AND r.state = 'pending' AND r.delivery > ? ORDER BY r.delivery LIMIT ?",
                [agent.key, last, wanted]
            )
            for record in batch {
                last = record.delivery
                let job = try progress(of: record.job)
                if job.cancelRequestedAt != nil {
                    found.cancelled.append(record)
                } else if now >= job.deadlineAt {
                    found.overdue.append(record)
                } else {
                    found.offers.append(.run(try assignment(record, job, &operations)))
                }
            }
            if batch.count < wanted { break }
        }
        return found
    }

    private func assignment(
        _ record: RunRecord,
        _ job: JobProgress,
        _ operations: inout KnownOperations
    ) throws -> Assignment {
        let operation = try operation(of: record.job, &operations)
        return Assignment(
            jobID: job.id,
            attempt: record.run.attempt,
            delivery: UInt64(clamping: record.delivery),
            operation: operation.request,
            startWithin: job.deadlineAt - now,
            policy: operation.policy,
            submittedBy: operation.submittedBy,
            // A clock that was set since may be behind the time of submission, and this one is in order all the same.
            notBefore: min(operation.createdAt, now),
            deadline: job.deadlineAt,
            trace: operation.trace
        )
    }

    private func operation(of job: Int64, _ known: inout KnownOperations) throws -> KnownOperation {
        if let operation = known[job] { return operation }
        let query = try db.query(
            """
            SELECT j.operation_type, o.data, j.retry_max_attempts, j.retry_backoff_ms, j.on_interrupt,
                j.is_exclusive, j.awaits_go, j.created_by, j.created_at, j.dry_run, j.traceparent
            FROM jobs j JOIN job_operations o USING (job) WHERE j.job = ?
            """
        )
        let operation = try query.with(job).first { row in
            var policy = ExecutionPolicy()
            policy.maxAttempts = row[2] ?? 1
            policy.backoff = .milliseconds((row[3] as Int64?) ?? 0)
            policy.onInterrupt = try row.stored(4)
            policy.isExclusive = row[5]
            policy.awaitsGo = row[6]
            policy.isDryRun = row[9]
            return KnownOperation(
                request: OperationRequest(type: row[0], data: try row.json(1) ?? .null),
                policy: policy,
                submittedBy: row[7],
                createdAt: Timestamp(milliseconds: row[8]),
                trace: (row[10] as String?).flatMap(TraceContext.init)
            )
        }
        guard let operation else { throw StoreError(.corrupt, "a job without its operation") }
        known[job] = operation
        return operation
    }
}
