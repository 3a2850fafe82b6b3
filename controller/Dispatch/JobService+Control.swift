// SPDX-License-Identifier: Apache-2.0

import Access
package import Jobs
package import Store

// What is done to jobs and agents after submission.

extension JobService {
    /// Asks for a job to be cancelled.
    ///
    /// When this returns, runs that no agent has seen are cancelled, and the request is on disk for the others; they end
    /// when their agents tell so, and in bounded time whatever the agents do. To ask again is no error: it delivers the
    /// new request, for example with less grace.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - request: by whose name, why, and with what grace.
    ///   - requester: who asks.
    ///   - now: the controller's time.
    /// - Returns: the record after that.
    /// - Throws: ``SubmissionError`` with `not_found`, `job_finished`, `out_of_range` or `forbidden`; ``StoreError``.
    package func cancel(
        _ id: JobID,
        _ request: NewCancel,
        by requester: Requester,
        now: Timestamp
    ) async throws -> Job {
        if let reason = request.reason { try check(reason, at: "/reason") }
        try await check(id, isWithinReachOf: requester)
        var request = request
        request.audit = requester.entry(AuditAction.cancelJob, at: now, jobID: id, detail: request.reason)
        switch try await store.cancel(id, request, now: now) {
        case .requested(let changes):
            deliver(changes.deliveries)
            return try await existing(id)
        case .finished:
            let job = try await existing(id)
            // Who asks twice has what was asked for.
            guard job.status == .cancelled else {
                throw SubmissionError(.jobFinished, "the job has ended as \(job.status.rawValue)")
            }
            return job
        case .noSuchJob: throw noSuchJob(id)
        }
    }

    /// Makes a new job of runs of one that has ended, on the same hosts.
    ///
    /// A host that has another agent by now takes part with that one; one whose agent is gone is left out. The webhook of the
    /// job is told of the new one as well.
    ///
    /// - Parameters:
    ///   - id: the job that has ended.
    ///   - only: which of its runs.
    ///   - requester: who asks; a limited key must be allowed both the operation and every host that takes part.
    ///   - idempotencyKey: the client's name for this request.
    ///   - now: the controller's time.
    /// - Returns: the new job, and whether it was there already.
    /// - Throws: ``SubmissionError`` with `not_found`, `job_not_finished`, `nothing_to_retry`, `forbidden` or one of those of a
    ///   submission; ``StoreError``.
    package func retry(
        _ id: JobID,
        only: RetrySelection,
        by requester: Requester,
        idempotencyKey: String? = nil,
        now: Timestamp
    ) async throws -> Submission {
        let asked = ["retry_of": "\(id)", "only": only.rawValue]
        return try await once(idempotencyKey, of: requester, asking: asked, now: now) { key in
            let job = try await self.existing(id)
            try await self.check(job, isWithinReachOf: requester)
            guard job.status.isTerminal else {
                let detail = "the job is \(job.status.rawValue); wait for its end or cancel it"
                throw SubmissionError(.jobNotFinished, detail)
            }
            let again = job.request(waiting: self.limits.defaultDeadline)
            let catalogue = self.catalogue
            _ = try self.check(again, catalogue)
            try await self.checkObjects(of: again, catalogue)
            // A host may have left the limit since the key submitted the job, or have become another's.
            try self.check(job.operation.type, requester.limit)
            let agents = try await self.agents(of: job, only: only)
            try self.check(agents, requester.limit)
            // The deadline of a job moves with a wall clock that is set, and its beginning does not.
            let length = job.deadlineAt - job.createdAt
            let deadline = min(max(length, self.limits.minimumDeadline), self.limits.maximumDeadline)
            let webhook = try await self.store.webhook(of: id)?.again()
            return try await self.take(
                Draft(
                    request: job.request(waiting: deadline),
                    catalogue: catalogue,
                    agents: agents,
                    deadline: deadline,
                    retryOf: id,
                    requester: requester,
                    key: key,
                    webhook: webhook
                ),
                now: now
            )
        }
    }

    private func agents(of job: Job, only: RetrySelection) async throws -> [Agent] {
        var agents: [Agent] = []
        var selected = 0
        for state in only.states where job.agentCounts[state] > 0 {
            try await forEachPage(ofRuns: job.id, in: state) { runs in
                selected += runs.count
                agents += runs.compactMap { directory.agent($0.agentID) ?? directory.agent(named: $0.hostname) }
            }
        }
        // A host can have become another's: its agent takes part once.
        let byID = Dictionary(agents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        guard !byID.isEmpty else {
            let none = "no run of the job is \(only == .failed ? "failed" : "not completed")"
            throw SubmissionError(.nothingToRetry, selected == 0 ? none : "none of the job's hosts is known any more")
        }
        return byID.values.sorted { ($0.hostname, $0.id) < ($1.hostname, $1.id) }
    }

    /// Deletes a job that has ended.
    ///
    /// - Throws: ``SubmissionError`` with `not_found`, `job_not_finished` or `forbidden`; ``StoreError``.
    package func delete(_ id: JobID, by requester: Requester, now: Timestamp) async throws {
        try await check(id, isWithinReachOf: requester)
        let audit = requester.entry(AuditAction.deleteJob, at: now, jobID: id)
        switch try await store.delete(id, audit: audit) {
        case .deleted: return
        case .notFinished:
            throw SubmissionError(.jobNotFinished, "the job has not ended; cancel it first")
        case .noSuchJob: throw noSuchJob(id)
        }
    }

    // MARK: Agents

    /// Lets an agent finish what it holds and take nothing new; to ask again changes the reason.
    ///
    /// - Throws: ``SubmissionError`` with `not_found` or `out_of_range`; ``StoreError``.
    package func drain(_ id: AgentID, by requester: Requester, reason: String?, now: Timestamp) async throws -> Agent {
        if let reason { try check(reason, at: "/reason") }
        let since = directory.agent(id)?.drain?.since ?? now
        let drain = AgentDrain(since: since, by: requester.name, reason: reason)
        let audit = requester.entry(AuditAction.drainAgent, at: now, subject: name(of: id), detail: reason)
        return try await setDrain(drain, of: id, audit: audit, now: now)
    }

    /// Lets an agent take new work again; to ask again is no error.
    ///
    /// - Throws: ``SubmissionError`` with `not_found`; ``StoreError``.
    package func resume(_ id: AgentID, by requester: Requester, now: Timestamp) async throws -> Agent {
        let audit = requester.entry(AuditAction.resumeAgent, at: now, subject: name(of: id))
        return try await setDrain(nil, of: id, audit: audit, now: now)
    }

    private func name(of id: AgentID) -> String { directory.agent(id)?.hostname ?? id.text }

    private func setDrain(
        _ drain: AgentDrain?,
        of id: AgentID,
        audit: AuditEntry,
        now: Timestamp
    ) async throws -> Agent {
        let changes = try await store.setDrain(drain, of: id, audit: audit, now: now)
        directory.setDrain(drain, of: id)
        deliver(changes.deliveries)
        guard let agent = directory.agent(id) else { throw SubmissionError(.notFound, "there is no such agent") }
        return agent
    }

    // MARK: Parts

    /// Looks at the runs of a job without their data, some at a time.
    func forEachPage(
        ofRuns id: JobID,
        in state: RunState? = nil,
        _ body: ([Run]) throws -> Void
    ) async throws {
        var offset = 0
        while let page = try await store.runs(of: id, state: state, limit: 1000, offset: offset), !page.items.isEmpty {
            offset += page.items.count
            try body(page.items)
        }
    }

    /// A key without limits is not made to wait for the record.
    private func check(_ id: JobID, isWithinReachOf requester: Requester) async throws {
        guard !requester.limit.isNone else { return }
        try await check(try await existing(id), isWithinReachOf: requester)
    }

    private func existing(_ id: JobID) async throws -> Job {
        guard let job = try await store.job(id) else { throw noSuchJob(id) }
        return job
    }

    private func noSuchJob(_ id: JobID) -> SubmissionError {
        SubmissionError(.notFound, "there is no job '\(id)'")
    }
}
