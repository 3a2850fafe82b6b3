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

    private let current = Mutex<Order?>(nil)

    /// Makes one without an order.
    package init() {}

    /// Gives the order.
    package func order(_ order: Order) { current.withLock { $0 = order } }
}
