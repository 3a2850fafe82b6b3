// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Answers that were given since the store last changed, so that many who ask the same cost one read.
///
/// What it keeps is bounded in number and bytes; with the first commit that is noticed all of it goes.
final class AnswerCache: Sendable {
    private struct Kept {
        var version: UInt64 = 0
        var answers: [String: TaggedAnswer] = [:]
        var bytes = 0
    }

    private static let maximumAnswers = 256
    private static let maximumBytes = 4 * 1024 * 1024

    private let kept = Mutex(Kept())

    /// The answer to a question; nil where it was not asked since the store came to `version`.
    func answer(to question: String, at version: UInt64) -> TaggedAnswer? {
        kept.withLock { $0.version == version ? $0.answers[question] : nil }
    }

    /// Keeps an answer.
    ///
    /// - Parameters:
    ///   - answer: what was answered.
    ///   - question: to what.
    ///   - version: the store's version before it was read; what was committed meanwhile may be in the answer or not.
    func keep(_ answer: TaggedAnswer, to question: String, at version: UInt64) {
        kept.withLock { kept in
            guard version >= kept.version else { return }
            if version > kept.version { kept = Kept(version: version) }
            guard kept.answers.count < Self.maximumAnswers, kept.bytes + answer.text.readableBytes <= Self.maximumBytes,
                kept.answers.updateValue(answer, forKey: question) == nil
            else { return }
            kept.bytes += answer.text.readableBytes
        }
    }
}
