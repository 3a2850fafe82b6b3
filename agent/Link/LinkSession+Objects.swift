// SPDX-License-Identifier: Apache-2.0

import NNG
import Wire

extension LinkSession {
    /// How long an answer is waited for before it is asked for again: others have their turns before.
    private static let patience: Duration = .seconds(60)

    /// Asks what runs want to know of the controller's objects, one question after the other.
    ///
    /// What the controller has no time for is asked again after the pause that it names, and the questions behind it go on
    /// meanwhile.
    ///
    /// - Throws: what ended the link; `CancellationError`.
    func keepAsking(_ line: ObjectLine, on context: Context) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for await _ in line.signals() {
                while let question = line.next(now: .now) {
                    try Task.checkCancellation()
                    guard let pause = try await ask(question, of: line, on: context) else { continue }
                    let time = ContinuousClock.now + pause
                    line.postpone(question.number, until: time)
                    group.addTask {
                        try? await Task.sleep(until: time, clock: .continuous)
                        line.ring()
                    }
                }
            }
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Asks one question, and gives its answer to whoever waits for it.
    ///
    /// - Returns: nil where there was one; else for how long not to ask it again.
    /// - Throws: what ended the link; `CancellationError`.
    private func ask(
        _ question: ObjectLine.Question,
        of line: ObjectLine,
        on context: Context
    ) async throws -> Duration? {
        do {
            let answer = try await ask(question.message, on: context, timeout: Self.patience)
            line.answer(question.number, .success(answer))
        } catch LinkError.refused(let code, _, let retryAfter) where code == "busy" || code == "unavailable" {
            return retryAfter + .milliseconds(500) * Double.random(in: 0..<1)
        } catch LinkError.refused(let code, let message, _) {
            line.answer(question.number, .failure(ObjectLine.Refusal(code: code, message: message)))
        } catch let error as NNGError where error.code == .timedOut {
            // The link itself is watched by the polls.
            return .zero
        }
        return nil
    }
}
