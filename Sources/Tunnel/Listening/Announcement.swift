// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value that becomes known once, and those who wait for it.
///
/// A service knows its port only when it runs, and others need the port before they can start.
final class Announcement<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var waiting: [Int: CheckedContinuation<Value, any Error>] = [:]
        var cancelled: Set<Int> = []
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    /// Tells everybody; only the first call counts.
    func resolve(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state in
            guard state.result == nil else { return [:] as [Int: CheckedContinuation<Value, any Error>] }
            state.result = result
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(with: result) }
    }

    /// Waits until the value is known.
    ///
    /// - Throws: what the service failed with, or `CancellationError` if the waiting task is cancelled.
    func value() async throws -> Value {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Value, any Error>? = state.withLock { state in
                    if let result = state.result { return result }
                    if state.cancelled.remove(waiter) != nil { return .failure(CancellationError()) }
                    state.waiting[waiter] = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiting.removeValue(forKey: waiter)
                // The cancellation may come before the wait has begun.
                if continuation == nil, state.result == nil { state.cancelled.insert(waiter) }
                return continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }
}
