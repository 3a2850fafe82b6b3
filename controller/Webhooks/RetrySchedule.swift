// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// When a delivery that was not taken is sent again.
///
/// The pauses between attempts are those that Standard Webhooks 1.0 proposes; each is lengthened by up to a tenth, so that what
/// failed together does not come back together.
package enum RetrySchedule {
    /// The pause after each attempt but the last.
    package static let pauses: [Duration] = [
        .seconds(5), .seconds(300), .seconds(1800), .seconds(7200), .seconds(18_000), .seconds(36_000),
        .seconds(50_400), .seconds(72_000), .seconds(86_400),
    ]
    /// The longest pause that a receiver may ask for.
    package static let longest: Duration = .seconds(86_400)

    /// When to send again.
    ///
    /// - Parameters:
    ///   - attempts: how often it was sent, this time included.
    ///   - wish: how long the receiver asks to be left alone (`Retry-After`); nil where it does not.
    ///   - spread: where in its tenth this one is, from 0 to 1.
    ///   - now: the controller's time.
    /// - Returns: the time; nil where it is given up.
    package static func next(after attempts: Int, wish: Duration?, spread: Double, now: Timestamp) -> Timestamp? {
        guard attempts >= 1, attempts <= pauses.count else { return nil }
        let pause = pauses[attempts - 1] * (1 + 0.1 * min(max(spread, 0), 1))
        return now + max(pause, min(wish ?? .zero, longest))
    }
}
