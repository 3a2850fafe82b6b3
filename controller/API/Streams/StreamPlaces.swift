// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Synchronization

/// How many streams, or other long answers, are open at once, in all and for each key.
final class StreamPlaces: Sendable {
    /// A place; given back when it is let go.
    final class Place: Sendable {
        private let places: StreamPlaces
        private let key: String

        fileprivate init(of key: String, in places: StreamPlaces) {
            self.places = places
            self.key = key
        }

        deinit { places.giveBack(key) }
    }

    private let all: Int
    private let ofKey: Int
    private let noun: String
    private let open = Mutex<[String: Int]>([:])

    /// Makes places of which none is taken.
    ///
    /// - Parameters:
    ///   - all: the most streams in all.
    ///   - ofKey: the most streams of one key.
    ///   - noun: what they are, for who gets none.
    init(all: Int, ofKey: Int, of noun: String = "streams") {
        self.noun = noun
        self.all = all
        self.ofKey = ofKey
    }

    /// Takes a place.
    ///
    /// - Throws: ``APIError`` `too_many_requests` where the key has as many as it may, `unavailable` where all are taken.
    func take(_ key: String) throws(APIError) -> Place {
        try open.withLock { (open) throws(APIError) in
            guard open[key, default: 0] < ofKey else {
                var refusal = APIError(.tooManyRequests, "the key has \(ofKey) \(noun) open, and may have no more")
                refusal.headers[.retryAfter] = "5"
                throw refusal
            }
            guard open.values.reduce(0, +) < all else {
                throw APIError(.unavailable, "as many \(noun) are open as may be")
            }
            open[key, default: 0] += 1
        }
        return Place(of: key, in: self)
    }

    private func giveBack(_ key: String) {
        open.withLock { open in
            let left = open[key, default: 0] - 1
            open[key] = left > 0 ? left : nil
        }
    }
}
