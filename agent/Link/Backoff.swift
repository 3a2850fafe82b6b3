// SPDX-License-Identifier: Apache-2.0

/// Pauses between attempts, with full jitter: each is drawn between zero and a ceiling that doubles.
///
/// A fleet that lost its controller at one moment comes back spread over time and not all at once. After Marc Brooker,
/// "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015).
package struct Backoff: Sendable {
    private let minimum: Duration
    private let maximum: Duration
    private var ceiling: Duration

    /// Pauses with ceilings from `minimum` up to `maximum`.
    package init(minimum: Duration, maximum: Duration) {
        self.minimum = minimum
        self.maximum = maximum
        ceiling = minimum
    }

    /// The next pause.
    ///
    /// - Parameter random: from 0 up to 1.
    /// - Returns: how long to wait.
    package mutating func next(random: Double) -> Duration {
        defer { ceiling = min(ceiling * 2, maximum) }
        return ceiling * random
    }

    /// Begins again with the smallest ceiling, after something went well.
    package mutating func reset() {
        ceiling = minimum
    }
}
