// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets watchers wait for the next commit; costs the writer next to nothing, however many wait or do not.
package final class CommitBell: Sendable {
    private struct State {
        var version: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Makes a bell that has not rung.
    package init() {}

    /// Says that the store has come to `version`.
    func ring(_ version: UInt64) {
        let waiters = state.withLock { state in
            state.version = max(state.version, version)
            defer { state.waiters.removeAll(keepingCapacity: true) }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Waits until the store has come beyond `version`; returns at once if it has, and when the task is cancelled.
    package func wait(past version: UInt64) async {
        let key = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.version <= version, !Task.isCancelled else { return true }
                    state.waiters[key] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: key) }?.resume()
        }
    }

    /// Waits as ``wait(past:)`` does, and no longer than `limit`.
    package func wait(past version: UInt64, atMost limit: Duration) async {
        guard limit > .zero else { return }
        await withTaskGroup { group in
            group.addTask { await self.wait(past: version) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
