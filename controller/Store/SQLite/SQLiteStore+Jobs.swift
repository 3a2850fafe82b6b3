// SPDX-License-Identifier: Apache-2.0

import ControllerMetrics
import FoundationEssentials
import GRDB
package import Jobs

extension SQLiteStore {
    /// Commits a job with its frozen set; each agent of the set must be known.
    package func create(_ job: NewJob) async throws -> CreatedJob? {
        precondition(!job.agents.isEmpty, "a job needs an agent")
        let operation = try storedJSON(job.request.operation.data)
        return try await write { db in
            if let most = job.maximumOpenJobs {
                let open = try db.jobCounts().reduce(0) { $0 + ($1.key.status.isTerminal ? 0 : $1.value) }
                guard open < most else { return nil }
            }
            return try db.create(job, operation: operation)
        }
    }

    /// Commits many jobs in one transaction, whatever their number of open jobs says; for tools that fill a store.
    package func create(_ jobs: [NewJob]) async throws -> [CreatedJob] {
        let prepared = try jobs.map { ($0, try storedJSON($0.request.operation.data)) }
        return try await write { db in
            try prepared.map { try db.create($0, operation: $1) }
        }
    }

    /// The agents of each of these jobs.
    package func frozenSets(of ids: Set<JobID>) async throws -> [JobID: [AgentID]] {
        try await read { db in
            let query = try db.query(
                """
                SELECT a.id FROM jobs j CROSS JOIN runs r USING (job) CROSS JOIN agents a USING (agent)
                WHERE j.id = ? ORDER BY r.agent
                """
            )
            var sets: [JobID: [AgentID]] = [:]
            for id in ids {
                let agents = try query.with(id.stored).all { AgentID($0[0]) }
                if !agents.isEmpty { sets[id] = agents }
            }
            return sets
        }
    }

    /// The highest id of a job; nil where there is none.
    package func newestJobID() async throws -> JobID? {
        try await read { db in
            try db.query("SELECT id FROM jobs ORDER BY id DESC LIMIT 1").first { try JobID(stored: $0[0]) }
        }
    }
}

extension Database {
    fileprivate func create(_ job: NewJob, operation: String) throws -> CreatedJob {
        let machine = JobStateMachine(frozenSetSize: job.agents.count)
        let transaction = StoreTransaction(self, now: job.createdAt, counting: LabelledCounter([]))
        let key = try insert(job, machine)
        try query("INSERT INTO job_operations (job, data) VALUES (?, ?)").with(key).with(operation).execute()
        if let webhook = job.webhook { try insert(webhook, of: job) }
        try keep(objects: job.objects, for: key)
        if let idempotencyKey = job.idempotencyKey { try insert(idempotencyKey, job: key, now: job.createdAt) }
        var (deliveries, offered): ([AgentID: UInt64], [AgentID: UInt64]) = ([:], [:])
        deliveries.reserveCapacity(job.agents.count)
        offered.reserveCapacity(job.offerNow.count)
        for agent in job.agents {
            let record = try transaction.number(to: agent.id, offering: job.offerNow.contains(agent.id))
            try query(
                "INSERT INTO runs (job, agent, hostname, state, attempt, delivery) VALUES (?, ?, ?, 'pending', 1, ?)"
            ).with(key).with(record.key).with(agent.hostname).with(record.last).execute()
            deliveries[agent.id] = UInt64(clamping: record.last)
            if record.offered == record.last { offered[agent.id] = UInt64(clamping: record.last) }
        }
        let text = TimelineText.submitted(job.request.operation.type, agents: job.agents.count)
        try transaction.insert(
            TimelineEvent(timestamp: job.createdAt, event: .submitted, message: text),
            job: key,
            sequence: 1
        )
        try transaction.count(
            JobCountKey(operation: job.request.operation.type, status: machine.status, changed: nil),
            by: 1
        )
        if let audit = job.audit { try append(audit) }
        if let origin = job.retryOf { try transaction.noteRetry(of: origin, by: job) }
        try transaction.finish()
        var record = Job(
            id: job.id,
            request: job.request,
            createdAt: job.createdAt,
            deadlineAt: job.deadlineAt,
            progress: machine,
            createdBy: job.createdBy,
            retryOf: job.retryOf,
            webhook: job.webhook?.shown,
            trace: job.trace
        )
        if job.agents.count == 1 { record.hostname = job.agents.first?.hostname }
        return CreatedJob(job: record, deliveries: deliveries, offered: offered)
    }

    private func insert(_ job: NewJob, _ machine: JobStateMachine) throws -> Int64 {
        let states = RunState.allCases
        let arguments: [any SQLValue] = [
            job.id.key, job.id.stored, machine.status.rawValue, job.request.operation.type, job.request.target,
            job.request.note,
            job.createdBy, job.createdAt.milliseconds, job.deadlineAt.milliseconds, job.hardEndAt.milliseconds,
            job.deadlineAt.milliseconds, 0, 0, 1, job.createdAt.milliseconds, job.request.retry?.maxAttempts,
            job.request.retry.map { Int64($0.backoff * 1000) }, (job.request.onInterrupt ?? .fail).rawValue,
            job.request.parallel ?? false, job.isExclusive, job.awaitsGo, job.retryOf?.stored,
            try job.request.labels.map { try storedJSON(.object($0.mapValues(JSONValue.string))) },
            job.request.dryRun ?? false,
            try job.webhook.map { String(decoding: try $0.shown.text(), as: UTF8.self) }, job.trace?.description,
        ]
        try query(Self.insertJob).with(all: arguments).with(all: states.map { machine.counts[$0] }).execute()
        for (name, value) in job.request.labels ?? [:] {
            try query("INSERT INTO job_labels (name, value, job) VALUES (?, ?, ?)")
                .with(name).with(value).with(job.id.key).execute()
        }
        return job.id.key
    }

    private static let insertJob: String = {
        let states = RunState.allCases.map(\.rawValue)
        return """
            INSERT INTO jobs (
                job, id, status, operation_type, target, note, created_by, created_at, deadline_at, hard_end_at,
                next_check_at, changed_count, unchanged_count, timeline_count, timeline_time, retry_max_attempts,
                retry_backoff_ms, on_interrupt, parallel, is_exclusive, awaits_go, retry_of, labels, dry_run, webhook,
                traceparent,
                \(states.joined(separator: ", "))
            ) VALUES (\(Array(repeating: "?", count: 26 + states.count).joined(separator: ", ")))
            """
    }()
}

extension Database {
    /// The record of a job without its timeline; nil if there is no such job.
    func job(_ id: JobID) throws -> Job? {
        try query(
            "SELECT \(Job.columns) FROM jobs j JOIN job_operations o USING (job) WHERE j.id = ? AND j.is_deleted = 0"
        ).with(id.stored).first(Job.init)
    }
}
