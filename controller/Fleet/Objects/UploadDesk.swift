// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import NNG
import Objects
import Store
import Synchronization
import Wire

/// Takes files of hosts that runs of `file.fetch` give to the controller's objects.
///
/// The name is worked out here, from the job's own parameters and what is known of the agent; so an agent stores nothing but what its
/// job asks for, under the name that it asks for. What has come in of a file is lost with the controller: the agent begins anew.
final class UploadDesk: Sendable {
    /// A question that waits.
    struct Question: Sendable {
        let agent: Agent
        let upload: ObjectUpload
        let address: ReplyAddress
    }

    private struct Key: Hashable {
        let agent: AgentID
        let job: JobID
    }

    private struct Draft {
        let file: ObjectDraft
        let run: UploadingRun
        var heardAt: ContinuousClock.Instant
    }

    /// How many pieces wait, so that they have bounds in memory.
    private static let waiting = 32
    /// How many files come in at once, so that people who store objects have places too.
    static let maximumFiles = 16
    /// For how long what has come in is kept for an agent that sends no more.
    private static let patience: Duration = .seconds(60)

    private let objects: ObjectService
    private let wallClock: @Sendable () -> Timestamp
    private let drafts = Mutex<[Key: Draft]>([:])
    private let questions: AsyncStream<Question>
    private let continuation: AsyncStream<Question>.Continuation

    init(_ objects: ObjectService, wallClock: @escaping @Sendable () -> Timestamp) {
        self.objects = objects
        self.wallClock = wallClock
        (questions, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waiting))
    }

    /// Takes a question in; false where too many wait.
    func ask(_ question: Question) -> Bool {
        if case .enqueued = continuation.yield(question) { true } else { false }
    }

    /// Answers questions until the task is cancelled.
    ///
    /// - Parameter answer: sends an answer.
    /// - Throws: what `answer` throws.
    func serve(_ answer: @escaping @Sendable (ReplyAddress, ControllerMessage) async throws -> Void) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            // An agent that has gone gives its place back even where no other asks.
            group.addTask { [self] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.patience / 4)
                    forgetIdle()
                }
            }
            for await question in questions {
                try await answer(question.address, await self.answer(to: question))
            }
            group.cancelAll()
        }
    }

    private func forgetIdle() {
        let now = ContinuousClock.now
        drafts.withLock { drafts in
            drafts = drafts.filter { now - $0.value.heardAt < Self.patience }
        }
    }

    private func answer(to question: Question) async -> ControllerMessage {
        let upload = question.upload
        let key = Key(agent: question.agent.id, job: upload.jobID)
        do {
            if upload.offset == 0 { try await begin(question, key) }
            return .uploaded(try await take(upload, key, question.agent))
        } catch let refusal as UploadRefusal {
            let pause: Duration = refusal.code == "busy" ? .seconds(2) : .seconds(60)
            return .refusal(code: refusal.code, message: refusal.message, retryAfter: pause)
        } catch let error as ObjectError {
            drafts.withLock { $0[key] = nil }
            return .refusal(code: Self.code(error.code), message: error.message, retryAfter: .seconds(5))
        } catch {
            drafts.withLock { $0[key] = nil }
            return .refusal(code: "unavailable", message: "nothing can be stored now", retryAfter: .seconds(5))
        }
    }

    private func begin(_ question: Question, _ key: Key) async throws {
        drafts.withLock { $0[key] = nil }
        guard let job = try await objects.store.openRun(of: key.job, by: key.agent),
            let run = try UploadingRun(job, of: question.agent)
        else { throw UploadRefusal(code: "object_refused", message: "no open run of this agent stores an object") }
        guard drafts.withLock({ $0.count }) < Self.maximumFiles else {
            throw UploadRefusal(code: "busy", message: "\(Self.maximumFiles) hosts store objects at once already")
        }
        let file = try await objects.begin(
            for: "agent \(key.agent)",
            expecting: question.upload.totalBytes,
            atMost: run.maximumBytes
        )
        drafts.withLock { $0[key] = Draft(file: file, run: run, heardAt: .now) }
    }

    private func take(_ upload: ObjectUpload, _ key: Key, _ agent: Agent) async throws -> UploadReceipt {
        guard let draft = drafts.withLock({ $0[key] }), draft.file.size == upload.offset else {
            return UploadReceipt(held: drafts.withLock { $0[key]?.file.size } ?? 0)
        }
        drafts.withLock { $0[key]?.heardAt = .now }
        if try upload.bytes.withUnsafeBytes({ try draft.file.append($0) }) { try await draft.file.flush() }
        guard let sha256 = upload.sha256 else { return UploadReceipt(held: draft.file.size) }
        drafts.withLock { $0[key] = nil }
        let naming = ObjectService.Naming(name: draft.run.name, sha256: sha256, createdBy: draft.run.createdBy)
        let (record, _) = try await objects.finish(draft.file, as: naming) { record in
            AuditEntry(
                time: wallClock(),
                actor: draft.run.createdBy,
                action: "putObject",
                jobID: key.job,
                subject: record.name,
                detail: "\(record.size) bytes of \(agent.hostname), SHA-256 \(record.sha256)"
            )
        }
        let object = ObjectReference(name: record.name, sha256: record.sha256, size: record.size)
        return UploadReceipt(held: record.size, object: object)
    }

    private static func code(_ code: ObjectError.Code) -> String {
        switch code {
        case .tooLarge: "object_too_large"
        case .full: "objects_full"
        case .digestMismatch: "object_corrupt"
        case .exists: "object_exists"
        case .tooManyUploads, .tooManyUploadsOfKey: "busy"
        }
    }
}

/// Why a file is not taken.
struct UploadRefusal: Error {
    let code: String
    let message: String
}

/// What a run of `file.fetch` is to store.
struct UploadingRun: Sendable {
    /// The name of the object, for this host.
    let name: String
    let maximumBytes: Int64
    /// Who submitted the job.
    let createdBy: String?

    /// Reads a job; nil for one of another operation.
    ///
    /// - Throws: ``UploadRefusal`` where its parameters name no object for this host.
    init?(_ job: Job, of agent: Agent) throws(UploadRefusal) {
        guard job.operation.type == "file.fetch", job.dryRun != true else { return nil }
        let parameters: JSONValue
        do {
            parameters = try OperationCatalogue.builtIn.prepared(job.operation) {
                Reference.Values(facts: agent.facts, labels: agent.labels)
            }
        } catch {
            throw UploadRefusal(code: "invalid_parameters", message: error.description)
        }
        guard let path = parameters["path"]?.string, let maximumBytes = parameters["maximum_bytes"]?.int else {
            return nil
        }
        name = ObjectName.fetched(parameters["object"]?.string, path: path, from: agent.hostname)
        if let fault = ObjectName.fault(in: name) {
            throw UploadRefusal(
                code: "invalid_parameters",
                message: "'\(name)' \(fault); give it another one by 'object'"
            )
        }
        self.maximumBytes = maximumBytes
        createdBy = job.createdBy
    }
}
