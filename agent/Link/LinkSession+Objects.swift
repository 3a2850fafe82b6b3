// SPDX-License-Identifier: Apache-2.0

import NNG
import Wire

extension LinkSession {
    /// How long an answer is waited for before it is asked for again: others have their turns before.
    private static let patience: Duration = .seconds(60)

    /// Asks what runs want to know of the controller's objects, one question after the other.
    ///
    /// - Throws: what ended the link; `CancellationError`.
    func keepAsking(_ line: ObjectLine, on context: Context) async throws {
        for await _ in line.signals() {
            while let question = line.first {
                try Task.checkCancellation()
                do {
                    let answer = try await ask(question.message, on: context, timeout: Self.patience)
                    line.answer(question.number, .success(answer))
                } catch LinkError.refused(let code, _, let retryAfter) where code == "busy" || code == "unavailable" {
                    try await Task.sleep(for: retryAfter + .milliseconds(500) * Double.random(in: 0..<1))
                } catch LinkError.refused(let code, let message, _) {
                    line.answer(question.number, .failure(ObjectLine.Refusal(code: code, message: message)))
                } catch let error as NNGError where error.code == .timedOut {
                    // The link itself is watched by the polls.
                    continue
                }
            }
        }
        try Task.checkCancellation()
    }
}
