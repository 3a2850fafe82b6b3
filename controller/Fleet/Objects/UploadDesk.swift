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
///
/// However many hosts come at once, files that have begun go on: who has no place yet is told so before anything is looked up for
/// it, and is let in in its turn.
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
    }

    private struct State {
        /// For each there is a place in the row.
        var drafts: [Key: Draft] = [:]
        var row = UploadRow<AgentID, JobID>(limits: .init(places: UploadDesk.maximumFiles))
    }

    /// How many pieces wait, so that they have bounds in memory: an agent has one question open.
    private static let waiting = 2 * maximumFiles
    /// How many files come in at once, so that people who store objects have places too.
    static let maximumFiles = 16
    /// How often it is looked at who sends no more.
    private static let interval: Duration = .seconds(15)

    private let objects: ObjectService
    private let wallClock: @Sendable () -> Timestamp
    private let state = Mutex(State())
    private let questions: AsyncStream<Question>
    private let continuation: AsyncStream<Question>.Continuation

    init(_ objects: ObjectService, wallClock: @escaping @Sendable () -> Timestamp) {
        self.objects = objects
        self.wallClock = wallClock
        (questions, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waiting))
    }

    /// Takes a question in.
    ///
    /// - Returns: nil where it will be answered; else for how long not to ask it again.
    func ask(_ question: Question) -> Duration? {
        let answer = state.withLock { state in
            state.row.ask(question.upload.jobID, of: question.agent.id, now: .now)
        }
        if case .wait(let pause) = answer { return pause }
        if case .enqueued = continuation.yield(question) { return nil }
        return .seconds(1)
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
                    try? await Task.sleep(for: Self.interval)
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
        state.withLock { state in
            for (job, agent) in state.row.expire(now: .now) { state.drafts[Key(agent: agent, job: job)] = nil }
        }
    }

    /// Gives back the place of a file that has come in, or will not.
    private func leave(_ key: Key) {
        state.withLock { state in
            state.drafts[key] = nil
            state.row.done(key.job, of: key.agent)
        }
    }

    private func answer(to question: Question) async -> ControllerMessage {
        let upload = question.upload
        let key = Key(agent: question.agent.id, job: upload.jobID)
        do {
            if upload.offset == 0 { try await begin(question, key) }
            return .uploaded(try await take(upload, key, question.agent))
        } catch let refusal as UploadRefusal {
            leave(key)
            return .refusal(code: refusal.code, message: refusal.message, retryAfter: .seconds(60))
        } catch let error as ObjectError {
            let code = Self.code(error.code)
            // Where people have taken what there is of places, the file keeps its own among those of hosts.
            if code == "busy" { state.withLock { $0.drafts[key] = nil } } else { leave(key) }
            return .refusal(code: code, message: error.message, retryAfter: .seconds(5))
        } catch {
            leave(key)
            return .refusal(code: "unavailable", message: "nothing can be stored now", retryAfter: .seconds(5))
        }
    }

    private func begin(_ question: Question, _ key: Key) async throws {
        state.withLock { $0.drafts[key] = nil }
        guard let job = try await objects.store.openRun(of: key.job, by: key.agent),
            let run = try UploadingRun(job, of: question.agent)
        else { throw UploadRefusal(code: "object_refused", message: "no open run of this agent stores an object") }
        let file = try await objects.begin(
            for: "agent \(key.agent)",
            expecting: question.upload.totalBytes,
            atMost: run.maximumBytes
        )
        state.withLock { state in
            // Where this took so long that the place was taken, the agent begins anew.
            guard state.row.hasPlace(key.job, of: key.agent) else { return }
            state.drafts[key] = Draft(file: file, run: run)
        }
    }

    private func take(_ upload: ObjectUpload, _ key: Key, _ agent: Agent) async throws -> UploadReceipt {
        guard let draft = state.withLock({ $0.drafts[key] }), draft.file.size == upload.offset else {
            return UploadReceipt(held: state.withLock { $0.drafts[key]?.file.size } ?? 0)
        }
        if try upload.bytes.withUnsafeBytes({ try draft.file.append($0) }) { try await draft.file.flush() }
        guard let sha256 = upload.sha256 else { return UploadReceipt(held: draft.file.size) }
        defer { leave(key) }
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
