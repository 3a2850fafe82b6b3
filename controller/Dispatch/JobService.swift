// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Jobs
package import Store
import Synchronization

/// Takes jobs: checks them, freezes their set of agents, commits them, and tells the fleet.
package final class JobService: Sendable {
    /// The operations that jobs may ask for.
    package let catalogue: OperationCatalogue
    /// Where the truth is kept.
    package let store: any JobStore
    /// The agents that targets select from.
    package let directory: AgentDirectory
    /// What submissions are held to.
    package let limits: JobLimits

    private let signal: DeliverySignal
    private let checks: [String: @Sendable () async -> String?]
    /// How often what was refused on the agents' side, by reason, since the start.
    package let refusals: @Sendable () -> [String: Int]
    private let generator = Mutex(JobIDGenerator())
    /// Owner and text of the idempotency keys of submissions that are being taken.
    private let inProgress = Mutex(Set<[String]>())

    /// Makes a service over a store.
    ///
    /// - Parameters:
    ///   - store: where the truth is kept.
    ///   - directory: the agents that targets select from.
    ///   - signal: where the fleet listens for new work.
    ///   - limits: what submissions are held to.
    ///   - catalogue: the operations that jobs may ask for.
    ///   - checks: what else has to be well for the controller to be ready, by component; each says what is wrong.
    ///   - refusals: how often what was refused on the agents' side, by reason, since the start.
    package init(
        store: any JobStore,
        directory: AgentDirectory,
        signal: DeliverySignal,
        limits: JobLimits,
        catalogue: OperationCatalogue = .builtIn,
        checks: [String: @Sendable () async -> String?] = [:],
        refusals: @escaping @Sendable () -> [String: Int] = { [:] }
    ) {
        self.checks = checks
        self.refusals = refusals
        self.store = store
        self.directory = directory
        self.signal = signal
        self.limits = limits
        self.catalogue = catalogue
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
    ///   - submittedBy: the name of the API key.
    ///   - idempotencyKey: the client's name for this submission.
    ///   - now: the controller's time.
    /// - Returns: the job, and whether it was there already.
    /// - Throws: ``SubmissionError`` where the request is refused, ``StoreError`` where it cannot be stored.
    package func submit(
        _ request: JobRequest,
        submittedBy: String?,
        idempotencyKey: String? = nil,
        now: Timestamp
    ) async throws -> Submission {
        guard let idempotencyKey else { return try await take(request, submittedBy: submittedBy, key: nil, now: now) }
        let key = IdempotencyKey(
            owner: submittedBy ?? "",
            text: idempotencyKey,
            fingerprint: try request.fingerprint
        )
        guard inProgress.withLock({ $0.insert([key.owner, key.text]).inserted }) else {
            throw SubmissionError(.idempotencyKeyInUse, "the first submission with this key is still being taken")
        }
        defer { _ = inProgress.withLock { $0.remove([key.owner, key.text]) } }
        switch try await store.earlierSubmission(key, now: now) {
        case .same(let job): return Submission(job: job, isRepetition: true)
        case .different:
            throw SubmissionError(.idempotencyKeyReused, "this idempotency key was used for another submission")
        case .none: return try await take(request, submittedBy: submittedBy, key: key, now: now)
        }
    }

    private func take(
        _ request: JobRequest,
        submittedBy: String?,
        key: IdempotencyKey?,
        now: Timestamp
    ) async throws -> Submission {
        let deadline = try check(request)
        let agents = try select(request.target)
        let deadlineAt = now + deadline
        let created = try await store.create(
            NewJob(
                id: generator.withLock { $0.next(at: now, random: UInt64.random(in: .min ... .max)) },
                request: request,
                agents: agents.map { (id: $0.id, hostname: $0.hostname) },
                offerNow: [],
                createdAt: now,
                deadlineAt: deadlineAt,
                hardEndAt: deadlineAt + catalogue.runLimit(for: request.operation) + limits.lease,
                submittedBy: submittedBy,
                idempotencyKey: key
            )
        )
        directory.delivering(created.deliveries)
        signal.raise(for: created.deliveries.keys)
        return Submission(job: created.job, isRepetition: false)
    }

    /// The agents that a target selects now; nothing is stored.
    ///
    /// - Throws: ``SubmissionError`` where the target cannot be parsed or selects nobody.
    package func preview(_ target: String) throws -> [Agent] {
        try select(target)
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

    // MARK: Checks

    private func check(_ request: JobRequest) throws(SubmissionError) -> Duration {
        guard catalogue[request.operation.type] != nil else {
            let known = catalogue.descriptors.map(\.type).joined(separator: ", ")
            let detail = "there is no operation '\(request.operation.type)'; known are \(known)"
            throw SubmissionError(
                .unknownOperation,
                detail,
                faults: [Fault(pointer: "/operation/type", detail: detail)]
            )
        }
        let faults = catalogue.faults(in: request.operation, at: "/operation")
        guard faults.isEmpty else {
            throw SubmissionError(
                .invalidParameters,
                "the parameters do not fit \(request.operation.type)",
                faults: faults
            )
        }
        if let note = request.note, note.unicodeScalars.count > limits.noteLength || note.utf8.contains(0) {
            throw outOfRange("/note", "a note has at most \(limits.noteLength) characters, and no NUL among them")
        }
        return try deadline(of: request)
    }

    private func deadline(of request: JobRequest) throws(SubmissionError) -> Duration {
        guard let seconds = request.deadline else { return limits.defaultDeadline }
        let range = limits.minimumDeadline.components.seconds...limits.maximumDeadline.components.seconds
        guard seconds.isFinite, seconds >= Double(range.lowerBound), seconds <= Double(range.upperBound) else {
            throw outOfRange(
                "/deadline",
                "a deadline is \(range.lowerBound) to \(range.upperBound) seconds"
            )
        }
        return .milliseconds(Int64(seconds * 1000))
    }

    private func outOfRange(_ pointer: String, _ detail: String) -> SubmissionError {
        SubmissionError(.outOfRange, detail, faults: [Fault(pointer: pointer, detail: detail)])
    }

    private func select(_ target: String) throws(SubmissionError) -> [Agent] {
        do {
            let expression = try TargetExpression(parsing: target)
            return try expression.select(from: directory.agents(), seed: UInt64.random(in: .min ... .max))
        } catch {
            throw SubmissionError(error)
        }
    }
}

extension JobRequest {
    /// A hash by which a repetition is told from another submission with the same key.
    fileprivate var fingerprint: String {
        get throws {
            SHA256.hash(data: try JSON.encode(self)).map { byte in
                let digits = String(byte, radix: 16)
                return byte < 16 ? "0" + digits : digits
            }.joined()
        }
    }
}
