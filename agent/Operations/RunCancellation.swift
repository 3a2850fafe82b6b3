// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How a run is to be ended, told before its task is cancelled.
package final class RunCancellation: Sendable {
    /// How to end it.
    package struct Order: Hashable, Sendable {
        /// From SIGTERM to SIGKILL; nil for what the agent's settings say.
        package var grace: Duration?
        /// Who asked for it.
        package var requestedBy: String?

        /// Makes an order of its parts.
        package init(grace: Duration? = nil, requestedBy: String? = nil) {
            self.grace = grace
            self.requestedBy = requestedBy
        }
    }

    private struct State {
        var order: Order?
        var isLeft = false
        var observer: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Makes one without an order.
    package init() {}

    /// Gives the order, or another one while the run ends, which takes effect where it leaves less time.
    package func order(_ order: Order) {
        wake { $0.order = order }
    }

    /// Has the agent let go of the run instead of ending it: its processes go on, and nobody hears of their end.
    ///
    /// Counts only for a run that is not being ended.
    package func leave() {
        wake { $0.isLeft = true }
    }

    /// The last order; nil if there was none.
    package var current: Order? { state.withLock(\.order) }

    /// Whether the run is to be left running.
    package var isLeft: Bool { state.withLock(\.isLeft) }

    /// Has `observer` called after each order from now on; nil ends that.
    func observe(_ observer: (@Sendable () -> Void)?) {
        state.withLock { $0.observer = observer }
    }

    private func wake(_ change: (inout sending State) -> Void) {
        let observer = state.withLock { state in
            change(&state)
            return state.observer
        }
        observer?()
    }
}
