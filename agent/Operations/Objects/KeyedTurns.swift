// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets one at a time do something with a thing, each thing for itself; the others wait, in the order in which they came.
final class KeyedTurns: Sendable {
    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var rows: [String: [Waiter]] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Does `body` when its turn has come.
    ///
    /// - Throws: `CancellationError` while it waits; what `body` throws.
    func take<Value>(_ key: String, _ body: () async throws -> Value) async throws -> Value {
        try await enter(key)
        defer { leave(key) }
        return try await body()
    }

    private func enter(_ key: String) async throws {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let hasTurn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFirst = state.withLock { state in
                    guard state.rows[key] != nil else {
                        state.rows[key] = []
                        return true
                    }
                    state.rows[key]?.append(Waiter(number: number, continuation: continuation))
                    return false
                }
                if isFirst { return continuation.resume(returning: true) }
                // The handler below may have run before there was anybody to be found.
                if Task.isCancelled { giveUp(key, number) }
            }
        } onCancel: {
            giveUp(key, number)
        }
        guard hasTurn else { throw CancellationError() }
    }

    private func leave(_ key: String) {
        let next = state.withLock { state -> Waiter? in
            guard var row = state.rows[key], !row.isEmpty else {
                state.rows[key] = nil
                return nil
            }
            let next = row.removeFirst()
            state.rows[key] = row
            return next
        }
        next?.continuation.resume(returning: true)
    }

    private func giveUp(_ key: String, _ number: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let place = state.rows[key]?.firstIndex(where: { $0.number == number }) else { return nil }
            return state.rows[key]?.remove(at: place)
        }
        waiter?.continuation.resume(returning: false)
    }
}
