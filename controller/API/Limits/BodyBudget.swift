// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Synchronization

/// The bytes of bodies that are held at one time, for all requests together and for each key.
///
/// Each body is bounded by itself, but a client can have many under way at once; what is read of a body costs several times its
/// bytes. A key has a part only, so that one that sends many large bodies slowly leaves room for the others.
final class BodyBudget: Sendable {
    private struct Held {
        var total = 0
        var byKey: [String: Int] = [:]
    }

    private let maximum: Int
    private let maximumOfKey: Int
    private let held = Mutex(Held())

    /// Makes a budget of which nothing is used.
    ///
    /// - Parameters:
    ///   - maximum: the most bytes of all requests.
    ///   - maximumOfKey: the most bytes of the requests of one key.
    init(maximum: Int, maximumOfKey: Int) {
        self.maximum = maximum
        self.maximumOfKey = maximumOfKey
    }

    /// The bytes that are held now.
    var total: Int { held.withLock { $0.total } }

    /// Takes bytes in.
    ///
    /// - Throws: ``APIError`` `too_many_requests` where the key has too many under way, `unavailable` where all have.
    fileprivate func take(_ bytes: Int, of key: String) throws(APIError) {
        try held.withLock { (held) throws(APIError) in
            let ofKey = held.byKey[key, default: 0] + bytes
            guard ofKey <= maximumOfKey else {
                var refusal = APIError(
                    .tooManyRequests,
                    "the key has more than \(maximumOfKey) bytes of bodies under way at once"
                )
                refusal.headers[.retryAfter] = "1"
                throw refusal
            }
            guard held.total + bytes <= maximum else {
                throw APIError(.unavailable, "more than \(maximum) bytes of bodies are under way at once")
            }
            held.byKey[key] = ofKey
            held.total += bytes
        }
    }

    fileprivate func giveBack(_ bytes: Int, of key: String) {
        held.withLock { held in
            held.total -= bytes
            let left = held.byKey[key, default: 0] - bytes
            held.byKey[key] = left > 0 ? left : nil
        }
    }
}

/// What one request holds of a ``BodyBudget``, until it is let go.
final class BodyShare: Sendable {
    private let budget: BodyBudget
    private let key: String
    private let bytes = Mutex(0)

    /// Makes the share of a request that holds nothing yet.
    init(of budget: BodyBudget, key: String) {
        self.budget = budget
        self.key = key
    }

    deinit {
        let bytes = bytes.withLock { $0 }
        if bytes > 0 { budget.giveBack(bytes, of: key) }
    }

    /// Takes bytes of the body in.
    ///
    /// - Throws: as ``BodyBudget``.
    func take(_ count: Int) throws(APIError) {
        try budget.take(count, of: key)
        bytes.withLock { $0 += count }
    }
}
