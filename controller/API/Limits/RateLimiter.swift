// SPDX-License-Identifier: Apache-2.0

/// How much may be done in how long.
package struct Quota: Hashable, Sendable {
    /// How often at once, and on average in each window.
    package let limit: Int
    /// How long it takes until all of it is there again.
    package let window: Duration

    /// Makes a quota; `limit` is at least 1.
    package init(limit: Int, window: Duration) {
        self.limit = max(1, limit)
        self.window = window
    }

    /// So many in a minute; nil for 0, which is any number.
    package static func perMinute(_ limit: Int) -> Quota? {
        limit > 0 ? Quota(limit: limit, window: .seconds(60)) : nil
    }
}

/// Leaky buckets, one a key, in bounded memory: the generic cell rate algorithm, which needs one time a bucket.
///
/// A bucket that is full again is the same as none, so those are forgotten when there are too many. Where there are too
/// many others, a new key is refused until one of them is full again.
struct RateLimiter<Key: Hashable & Sendable>: Sendable {
    /// What became of a request.
    enum Decision: Hashable, Sendable {
        /// It may go on.
        case allowed(Remaining)
        /// It may be tried again after this time.
        case refused(after: Duration)
    }

    /// What is left of a quota.
    struct Remaining: Hashable, Sendable {
        /// How many more now.
        let count: Int
        /// In how long all of it is there again.
        let reset: Duration
    }

    let quota: Quota
    let capacity: Int
    private var fullAt: [Key: ContinuousClock.Instant] = [:]
    private var sweptAt: ContinuousClock.Instant?

    /// Makes a limiter without buckets.
    ///
    /// - Parameters:
    ///   - quota: what each key may do.
    ///   - capacity: how many buckets there are at most.
    init(_ quota: Quota, capacity: Int) {
        self.quota = quota
        self.capacity = capacity
    }

    /// How many buckets are remembered.
    var size: Int { fullAt.count }

    /// Takes one from the bucket of `key`.
    mutating func take(_ key: Key, now: ContinuousClock.Instant) -> Decision {
        let interval = quota.window / quota.limit
        if fullAt[key] == nil, !hasRoom(now) { return .refused(after: quota.window) }
        let full = max(fullAt[key] ?? now, now) + interval
        let reset = now.duration(to: full)
        guard reset <= quota.window else { return .refused(after: reset - quota.window) }
        fullAt[key] = full
        return .allowed(Remaining(count: Int((quota.window - reset) / interval), reset: reset))
    }

    /// Whether there is room for another bucket; makes some at most once a second, since it looks at all of them.
    private mutating func hasRoom(_ now: ContinuousClock.Instant) -> Bool {
        if fullAt.count < capacity { return true }
        if let sweptAt, now < sweptAt + .seconds(1) { return false }
        sweptAt = now
        fullAt = fullAt.filter { $0.value > now }
        return fullAt.count < capacity
    }
}
