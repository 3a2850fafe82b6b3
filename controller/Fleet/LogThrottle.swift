// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets one of many like events a second into the log, so that no agent can flood it.
final class LogThrottle: Sendable {
    private let state = Mutex((next: ContinuousClock.Instant?.none, left: 0))

    /// Counts an event.
    ///
    /// - Returns: how many were left out since the last one that was let through; nil where this one is left out.
    func pass(now: ContinuousClock.Instant) -> Int? {
        state.withLock { state in
            if let next = state.next, now < next {
                state.left += 1
                return nil
            }
            defer { state = (now + .seconds(1), 0) }
            return state.left
        }
    }
}
