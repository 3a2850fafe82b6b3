// SPDX-License-Identifier: Apache-2.0

import Jobs
import NNG
import Objects
import Store
import Synchronization
import Wire

/// Answers agents that ask for pieces of objects, one piece after the other, beside the messages.
///
/// At one time one piece is read from the disk and so many bytes are on the way, however many agents ask; so polls and reports
/// are answered as if there were none of this.
final class ObjectDesk: Sendable {
    /// The most bytes that are on the way to agents.
    static let maximumBytes = 16 * 1024 * 1024
    private static let patience: Duration = .seconds(30)
    /// For how long an agent that may fetch an object is not looked up again.
    private static let grantTime: Duration = .seconds(10)
    private static let maximumGrants = 20_000
    private static let maximumOpen = 32

    private struct GrantKey: Hashable {
        let agent: AgentID
        let sha256: String
    }

    private struct State {
        var traffic = ObjectTraffic<ReplyAddress>(
            maximumBytes: ObjectDesk.maximumBytes,
            patience: ObjectDesk.patience
        )
        var grants: [GrantKey: ContinuousClock.Instant] = [:]
        var open: [String: ObjectContent] = [:]
    }

    private let objects: ObjectService
    private let state = Mutex(State())
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init(_ objects: ObjectService) {
        self.objects = objects
        (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes a question in.
    func ask(_ question: ObjectTraffic<ReplyAddress>.Question) {
        state.withLock { $0.traffic.ask(question) }
        ringer.yield()
    }

    /// An agent has what it needs.
    func arrived(_ agent: AgentID) {
        state.withLock { $0.traffic.arrived(agent) }
        ringer.yield()
    }

    /// An agent has gone.
    func forget(_ agent: AgentID) {
        state.withLock { $0.traffic.forget(agent) }
        ringer.yield()
    }

    /// Answers questions until the task is cancelled.
    ///
    /// - Parameter answer: sends an answer.
    /// - Throws: what `answer` throws.
    func serve(_ answer: @escaping @Sendable (ReplyAddress, ControllerMessage) async throws -> Void) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            // Pieces that never arrived give their room back even where nobody asks.
            group.addTask { [self] in
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.patience)
                    forgetOpen()
                    ringer.yield()
                }
            }
            for await _ in bell {
                while let question = state.withLock({ $0.traffic.next(now: .now) }) {
                    try await answer(question.address, await self.answer(to: question))
                }
            }
            group.cancelAll()
        }
    }

    private func answer(to question: ObjectTraffic<ReplyAddress>.Question) async -> ControllerMessage {
        do {
            guard try await mayFetch(question) else {
                arrived(question.agent)
                return .refusal(
                    code: "object_refused",
                    message: "no open run of this agent needs this object",
                    retryAfter: .seconds(60)
                )
            }
            let content = try await content(of: question.sha256)
            let count = Int(max(0, min(Int64(question.length), content.size - question.offset)))
            let bytes = count > 0 ? try await content.read(at: question.offset, count: count) : []
            return .piece(
                ObjectPiece(
                    sha256: question.sha256,
                    totalBytes: content.size,
                    offset: question.offset,
                    bytes: bytes
                )
            )
        } catch {
            arrived(question.agent)
            return .refusal(code: "unavailable", message: "the object cannot be read now", retryAfter: .seconds(5))
        }
    }

    /// Whether an open run of the agent needs the object; asked of the store now and then only.
    private func mayFetch(_ question: ObjectTraffic<ReplyAddress>.Question) async throws -> Bool {
        let key = GrantKey(agent: question.agent, sha256: question.sha256)
        let now = ContinuousClock.now
        if let since = state.withLock({ $0.grants[key] }), now - since < Self.grantTime { return true }
        guard try await objects.store.size(of: question.sha256, neededBy: question.agent) != nil else {
            state.withLock { $0.grants[key] = nil }
            return false
        }
        state.withLock { state in
            if state.grants.count >= Self.maximumGrants { state.grants = [:] }
            state.grants[key] = now
        }
        return true
    }

    /// Closes all objects: one that is still being fetched is opened again, and one that was deleted takes no room any more.
    private func forgetOpen() {
        state.withLock { $0.open = [:] }
    }

    /// The object, kept open while it is being fetched by some.
    private func content(of sha256: String) async throws -> ObjectContent {
        if let open = state.withLock({ $0.open[sha256] }) { return open }
        let content = try await objects.content(of: sha256)
        state.withLock { state in
            if state.open.count >= Self.maximumOpen { state.open = [:] }
            state.open[sha256] = content
        }
        return content
    }
}
