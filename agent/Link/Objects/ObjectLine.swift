// SPDX-License-Identifier: Apache-2.0

import Synchronization
package import Wire

/// The questions of runs for the controller's objects, which wait here for the link.
///
/// One is asked at a time, and one for which the controller has no time holds up no others. What was asked when a link broke is
/// asked again over the next one, so that whoever waits notices nothing but the time.
package final class ObjectLine: Sendable {
    /// The controller's refusal of a question.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// Why.
        package let code: String
        /// In words.
        package let message: String

        /// The message with the code.
        package var description: String { "\(code): \(message)" }
    }

    struct Question: Sendable {
        let number: UInt64
        let message: AgentMessage
        /// Nil where nobody waits for the answer.
        let continuation: CheckedContinuation<ControllerMessage, any Error>?
        /// Until when it is not asked again; nil where it is asked in its turn.
        var notBefore: ContinuousClock.Instant?
    }

    private struct State {
        var questions: [Question] = []
        var last: UInt64 = 0
        var bell: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    /// Makes a line in which nobody waits.
    package init() {}

    /// Asks, and waits for the answer however long it takes.
    ///
    /// - Throws: ``Refusal``, `CancellationError`.
    package func ask(_ message: AgentMessage) async throws -> ControllerMessage {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    state.questions.append(Question(number: number, message: message, continuation: continuation))
                    return state.bell
                }?.yield()
                // The handler below may have run before the question was there to be found.
                if Task.isCancelled { answer(number, .failure(CancellationError())) }
            }
        } onCancel: {
            answer(number, .failure(CancellationError()))
        }
    }

    /// Tells something, and waits for nothing.
    package func tell(_ message: AgentMessage) {
        state.withLock { state in
            state.last += 1
            state.questions.append(Question(number: state.last, message: message, continuation: nil))
            return state.bell
        }?.yield()
    }

    // MARK: For the link

    /// The question that is to be asked next; it stays there until it is answered.
    func next(now: ContinuousClock.Instant) -> Question? {
        state.withLock { state in
            state.questions.first { question in question.notBefore.map { $0 <= now } ?? true }
        }
    }

    /// Puts a question behind the others, since the controller has no time for it.
    ///
    /// Whoever does so rings when its time has come. A question that nobody waits for any more is passed over.
    func postpone(_ number: UInt64, until time: ContinuousClock.Instant) {
        state.withLock { state in
            guard let place = state.questions.firstIndex(where: { $0.number == number }) else { return }
            var question = state.questions.remove(at: place)
            question.notBefore = time
            state.questions.append(question)
        }
    }

    /// Wakes whoever asks.
    func ring() {
        state.withLock(\.bell)?.yield()
    }

    /// Wakes whenever there may be a question, and once at the beginning; for one reader at a time.
    ///
    /// It may be another controller that is asked, so that no question waits for its time any more.
    func signals() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            state.bell = continuation
            for place in state.questions.indices { state.questions[place].notBefore = nil }
        }
        continuation.yield()
        return stream
    }

    /// Answers a question; one that nobody waits for any more is passed over.
    func answer(_ number: UInt64, _ answer: Result<ControllerMessage, any Error>) {
        let question = state.withLock { state -> Question? in
            guard let place = state.questions.firstIndex(where: { $0.number == number }) else { return nil }
            return state.questions.remove(at: place)
        }
        question?.continuation?.resume(with: answer)
    }
}
