// SPDX-License-Identifier: Apache-2.0

/// Spreads the hellos of a fleet that comes back all at once.
///
/// Pure.
///
/// So many hellos a second are taken, and as many at once after a pause; who comes beyond that is told to come again at a
/// time of its own, spread over as long as all those who are missing need. After the generic cell rate algorithm (ITU-T
/// I.371), with a burst of one second.
struct GreetingPace: Sendable {
    private let interval: Duration
    private var nextFree: ContinuousClock.Instant?

    /// What becomes of a hello.
    enum Decision: Equatable, Sendable {
        case take
        /// Not now; after this time at the earliest.
        case comeBack(after: Duration)
    }

    /// Takes `perSecond` hellos a second.
    init(perSecond: Int) {
        interval = .seconds(1) / max(1, perSecond)
    }

    /// Decides about a hello.
    ///
    /// - Parameters:
    ///   - missing: how many agents are known and not connected.
    ///   - random: from 0 up to 1; places the return of those who are refused.
    ///   - now: the time.
    /// - Returns: whether it is taken.
    mutating func decide(missing: Int, random: Double, now: ContinuousClock.Instant) -> Decision {
        let free = max(nextFree ?? now, now)
        guard free - now <= .seconds(1) else {
            let spread = interval * max(1, missing)
            return .comeBack(after: .seconds(1) + spread * random)
        }
        nextFree = free + interval
        return .take
    }
}
