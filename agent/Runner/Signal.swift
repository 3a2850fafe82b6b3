// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Tells whoever listens that something has happened.
package final class Signal: Sendable {
    private struct State {
        var next = 0
        var bodies: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Makes one that nobody listens to.
    package init() {}

    /// Tells all who listen.
    package func raise() {
        let bodies = state.withLock { Array($0.bodies.values) }
        for body in bodies { body() }
    }

    /// Has `body` called whenever it is raised, on the caller's thread, and at once, since something may have happened before.
    ///
    /// - Parameter body: must return quickly.
    /// - Returns: what ends it when it goes.
    package func listen(_ body: @escaping @Sendable () -> Void) -> SignalListener {
        let number = state.withLock { state in
            state.next += 1
            state.bodies[state.next] = body
            return state.next
        }
        body()
        return SignalListener { [weak self] in self?.forget(number) }
    }

    /// A stream that is woken whenever it is raised, and once at its beginning; what was not taken yet is not counted.
    func stream() -> AsyncStream<Void> {
        SignalListener.stream(listening: listen)
    }

    private func forget(_ number: Int) {
        state.withLock { state in
            state.bodies[number] = nil
        }
    }
}
