// SPDX-License-Identifier: Apache-2.0

import Synchronization

struct TimedOut: Error {}

/// A value others can wait on: a test awaits what it needs instead of sleeping.
final class Watched<State: Sendable>: Sendable {
    private struct Guarded {
        var state: State
        var waiters: [Int: @Sendable (inout State) -> Bool] = [:]
        var cancellers: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let guarded: Mutex<Guarded>

    init(_ state: State) {
        guarded = Mutex(Guarded(state: state))
    }

    func update(_ change: (inout State) -> Void) {
        guarded.withLock { guarded in
            change(&guarded.state)
            for (key, waiter) in guarded.waiters where waiter(&guarded.state) {
                guarded.waiters[key] = nil
                guarded.cancellers[key] = nil
            }
        }
    }

    func read<Value: Sendable>(_ body: (State) -> Value) -> Value {
        guarded.withLock { body($0.state) }
    }

    /// Waits until `extract` finds what it looks for.
    func wait<Value: Sendable>(
        _ limit: Duration = .seconds(90),
        for extract: @escaping @Sendable (inout State) -> Value?
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await self.waitForever(extract) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw TimedOut()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw TimedOut() }
            return value
        }
    }

    private func waitForever<Value: Sendable>(
        _ extract: @escaping @Sendable (inout State) -> Value?
    ) async throws -> Value {
        let key = guarded.withLock { guarded in
            guarded.next += 1
            return guarded.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                guarded.withLock { guarded in
                    if let value = extract(&guarded.state) { return continuation.resume(returning: value) }
                    if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                    guarded.waiters[key] = { state in
                        guard let value = extract(&state) else { return false }
                        continuation.resume(returning: value)
                        return true
                    }
                    guarded.cancellers[key] = { continuation.resume(throwing: CancellationError()) }
                }
            }
        } onCancel: {
            guarded.withLock { guarded in
                guarded.waiters[key] = nil
                guarded.cancellers.removeValue(forKey: key)?()
            }
        }
    }
}

/// Waits for a number that has no signal of its own, such as a counter.
func eventually(_ limit: Duration = .seconds(90), _ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut() }
        try await Task.sleep(for: .milliseconds(5))
    }
}
