// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A clock on which time stands still while the gate is shut: runs of simulated hosts end all at once when it opens.
final class GateClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private struct State {
        var now = ContinuousClock.now
        var isOpen = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    let minimumResolution = Swift.Duration.nanoseconds(1)

    /// While the gate is open, an hour passes with every look.
    var now: Instant {
        state.withLock { state in
            if state.isOpen { state.now += .seconds(3600) }
            return state.now
        }
    }

    /// Lets everybody through who waits, and whoever comes until it is shut.
    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    func shut() {
        state.withLock { $0.isOpen = false }
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state in
                    if state.isOpen || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if passes { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
        try Task.checkCancellation()
    }
}
