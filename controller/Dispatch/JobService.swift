// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs
package import Store
import Synchronization

/// Takes jobs: checks them, freezes their set of agents, commits them, and tells the fleet.
package final class JobService: Sendable {
    /// The operations that jobs may ask for.
    package var catalogue: OperationCatalogue { directory.catalogue }
    /// Where the truth is kept.
    package let store: any JobStore
    /// The agents that targets select from.
    package let directory: AgentDirectory
    /// What submissions are held to.
    package let limits: JobLimits
    /// What the names of objects stand for; nil where none are kept.
    let objects: (any ObjectStore)?

    /// How long jobs wait until they are sent.
    package let latency = DispatchLatency()

    private let signal: DeliverySignal
    private let checks: [String: @Sendable () async -> String?]
    /// How often what was refused on the agents' side, by reason, since the start.
    package let refusals: @Sendable () -> [String: Int]
    private let generator: Mutex<JobIDGenerator>
    /// Owner and text of the idempotency keys of submissions that are being taken.
    private let inProgress = Mutex(Set<[String]>())

    /// Makes a service over a store.
    ///
    /// - Parameters:
    ///   - store: where the truth is kept.
    ///   - directory: the agents that targets select from.
    ///   - signal: where the fleet listens for new work.
    ///   - limits: what submissions are held to.
    ///   - objects: what the names of objects stand for; nil where none are kept.
    ///   - newestJobID: the highest id that the store knows; new ones are above it, whatever the clock says.
    ///   - checks: what else has to be well for the controller to be ready, by component; each says what is wrong.
    ///   - refusals: how often what was refused on the agents' side, by reason, since the start.
    package init(
        store: any JobStore,
        directory: AgentDirectory,
        signal: DeliverySignal,
        limits: JobLimits,
        objects: (any ObjectStore)? = nil,
        newestJobID: JobID? = nil,
        checks: [String: @Sendable () async -> String?] = [:],
        refusals: @escaping @Sendable () -> [String: Int] = { [:] }
    ) {
        generator = Mutex(JobIDGenerator(above: newestJobID))
        self.checks = checks
        self.refusals = refusals
        self.store = store
        self.directory = directory
        self.signal = signal
        self.limits = limits
        self.objects = objects
    }

    /// What became of a submission.
    package struct Submission: Sendable {
        /// The job.
        package let job: Job
        /// Whether an earlier submission with the same idempotency key made it.
        package let isRepetition: Bool
    }

    /// Takes a job.
    ///
    /// When this returns, the job is on disk; only then is it told to agents. A crash on the way leaves either the whole
    /// job, which is then delivered after the restart, or nothing. With an idempotency key the client can ask again, and
    /// gets the same job for as long as the key is remembered, whatever its target would select by then.
    ///
    /// - Parameters:
    ///   - request: what is to be done.
    ///   - requester: who submits it.
    ///   - idempotencyKey: the client's name for this submission.
    ///   - webhook: what the webhook of the request comes to.
    ///   - now: the controller's time.
    /// - Returns: the job, and whether it was there already.
    /// - Throws: ``SubmissionError`` where the request is refused, ``StoreError`` where it cannot be stored.
    package func submit(
        _ request: JobRequest,
        by requester: Requester,
        idempotencyKey: String? = nil,
        webhook: NewJobWebhook? = nil,
        now: Timestamp
    ) async throws -> Submission {
        let since = ContinuousClock.now
        // A fingerprint of a secret would let whoever has the database guess it.
        // One catalogue for all of it: agents tell of plug-ins at any moment.
        let catalogue = catalogue
        let asked = withoutSecrets(request, catalogue)
        return try await once(idempotencyKey, of: requester, asking: asked, now: now) { key in
            let deadline = try self.check(request, catalogue)
            try self.check(request.operation.type, requester.limit)
            let selection = try self.select(request.target, within: requester.limit)
            let resolved = try await self.resolvingObjects(request, catalogue)
            let request = try self.sealed(
                resolved,
                catalogue,
                to: selection.agents,
                isAny: selection.target.isAny
            )
            return try await self.take(
                Draft(
                    request: request.aimed(at: selection.target.text),
                    catalogue: catalogue,
                    agents: selection.agents,
                    deadline: deadline,
                    awaitsGo: selection.target.isAny,
                    requester: requester,
                    key: key,
                    webhook: webhook,
                    since: since
                ),
                now: now
            )
        }
    }

    /// Does `body` unless an earlier request with the same idempotency key has done it.
    ///
    /// - Parameters:
    ///   - idempotencyKey: the client's name for the request; nil for none.
    ///   - requester: whose key it is.
    ///   - request: all that the client asks for.
    ///   - now: the controller's time.
    ///   - body: takes the job, and stores the key with it.
    /// - Returns: the job, and whether it was there already.
    /// - Throws: ``SubmissionError`` where the key does not fit, or the job is beyond the limit of who asks;
    ///   ``StoreError``, and what `body` throws.
    func once(
        _ idempotencyKey: String?,
        of requester: Requester,
        asking request: some Encodable,
        now: Timestamp,
        _ body: (IdempotencyKey?) async throws -> Job
    ) async throws -> Submission {
        guard let idempotencyKey else { return Submission(job: try await body(nil), isRepetition: false) }
        let key = IdempotencyKey(
            owner: requester.name ?? "",
            text: idempotencyKey,
            fingerprint: try Fingerprint.of(request)
        )
        guard inProgress.withLock({ $0.insert([key.owner, key.text]).inserted }) else {
            throw SubmissionError(.idempotencyKeyInUse, "the first submission with this key is still being taken")
        }
        defer { _ = inProgress.withLock { $0.remove([key.owner, key.text]) } }
        switch try await store.earlierSubmission(key, now: now) {
        case .same(let job):
            // Another key of the same name may have made it.
            try await check(job, isWithinReachOf: requester)
            return Submission(job: job, isRepetition: true)
        case .different:
            throw SubmissionError(.idempotencyKeyReused, "this idempotency key was used for another submission")
        case .deleted:
            throw SubmissionError(.jobDeleted, "the job that was made with this idempotency key has been deleted")
        case .none: return Submission(job: try await body(key), isRepetition: false)
        }
    }

    /// A job that was checked and is to be committed.
    struct Draft {
        let request: JobRequest
        /// What the request was checked against.
        let catalogue: OperationCatalogue
        let agents: [Agent]
        let deadline: Duration
        var awaitsGo = false
        var retryOf: JobID?
        let requester: Requester
        let key: IdempotencyKey?
        var webhook: NewJobWebhook?
        /// When it was asked for.
        var since = ContinuousClock.now
    }

    /// By how much the time of an id is taken for that of its job.
    private static let closeness = Duration.seconds(1)

    /// Commits a job, and tells the fleet.
    func take(_ draft: Draft, now: Timestamp) async throws -> Job {
        let operation = draft.request.operation
        let catalogue = draft.catalogue
        let deadlineAt = now + draft.deadline
        let id = generator.withLock { $0.next(at: now, random: UInt64.random(in: .min ... .max)) }
        // One that was asked for at the same moment may have got an earlier id: then the times follow the ids. Where the
        // clock was set back, the id is ahead of it, and the time is true.
        let createdAt = id.timestamp - now <= Self.closeness ? max(now, id.timestamp) : now
        let job = NewJob(
            id: id,
            request: draft.request,
            agents: draft.agents.map { (id: $0.id, hostname: $0.hostname) },
            offerNow: directory.parked(among: draft.agents.lazy.map(\.id)),
            createdAt: createdAt,
            deadlineAt: deadlineAt,
            hardEndAt: deadlineAt + catalogue.runLimit(for: operation) + limits.lease,
            createdBy: draft.requester.name,
            idempotencyKey: draft.key,
            isExclusive: catalogue[operation.type]?.kind == .modify && draft.request.parallel != true
                && draft.request.dryRun != true,
            awaitsGo: draft.awaitsGo,
            retryOf: draft.retryOf,
            maximumOpenJobs: limits.openJobs,
            audit: draft.entry(id, at: now),
            webhook: draft.webhook,
            trace: draft.requester.trace,
            objects: catalogue.objects(in: operation).compactMap(\.sha256)
        )
        guard let created = try await store.create(job) else {
            throw SubmissionError(
                .tooManyOpenJobs,
                "\(limits.openJobs) jobs are open, and there may be no more; wait until some have ended"
            )
        }
        latency.submitted(id, at: draft.since)
        deliver(created.deliveries, offering: OfferedJob(job, created))
        return created.job
    }

    /// Tells the fleet what was committed for agents.
    func deliver(_ deliveries: [AgentID: UInt64], offering offer: OfferedJob? = nil) {
        guard !deliveries.isEmpty else { return }
        directory.delivering(deliveries)
        signal.raise(for: deliveries.keys, offering: offer)
    }

    /// The agents that a target selects now; nothing is stored.
    ///
    /// - Parameters:
    ///   - target: the expression.
    ///   - limit: what the key is limited to that asks; what its submission would be refused for is refused here.
    /// - Returns: the agents by hostname.
    /// - Throws: ``SubmissionError`` where the target cannot be parsed, selects nobody, or reaches beyond the limit.
    package func preview(_ target: String, within limit: AccessLimit) throws -> [Agent] {
        try select(target, within: limit).agents
    }

    /// What is wrong with each component; nil for what is well.
    package func readiness() async -> [String: String?] {
        var problems: [String: String?] = [:]
        do {
            try await store.checkWritable()
            problems.updateValue(nil, forKey: "store")
        } catch {
            problems.updateValue("\(error)", forKey: "store")
        }
        for (component, check) in checks { problems.updateValue(await check(), forKey: component) }
        return problems
    }
}

extension JobService.Draft {
    /// The line of the audit log: no parameters, which may hold what is not for everybody.
    fileprivate func entry(_ id: JobID, at now: Timestamp) -> AuditEntry {
        let count = agents.count
        let hosts = count == 1 ? "1 agent" : "\(count) agents"
        let origin = retryOf.map { ", again after \($0)" } ?? ""
        // Whom the controller is made to call is for those to know who watch what it is made to do.
        let listener = webhook.map { ", to be told to \($0.shown.receiver)" } ?? ""
        return requester.entry(
            retryOf == nil ? AuditAction.submitJob : AuditAction.retryJob,
            at: now,
            jobID: id,
            detail: "\(request.operation.type) on \(hosts)\(origin)\(listener): \(request.target)"
        )
    }
}
