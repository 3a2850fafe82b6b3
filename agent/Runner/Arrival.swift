// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// A delivery as the agent takes it in, after it was checked whether to believe it.
package enum Arrival: Hashable, Sendable {
    /// One that is believed.
    case accepted(Delivery)
    /// A run that is not executed: it has ended when it is taken in.
    case refusedRun(RefusedRun)
    /// An order that is not followed; it counts as held, so that it does not come again, and is told with that.
    case refusedOrder(RefusedOrder)

    /// The number of the delivery.
    package var number: UInt64 {
        switch self {
        case .accepted(let delivery): delivery.number
        case .refusedRun(let run): run.delivery
        case .refusedOrder(let order): order.delivery
        }
    }
}

/// A run that was delivered and is not executed.
package struct RefusedRun: Hashable, Sendable {
    /// Which run it was said to be.
    package let key: RunKey
    /// The number of the delivery.
    package let delivery: UInt64
    /// Why.
    package let refusal: Refusal
    /// Why, in words.
    package let message: String

    /// Makes a value of its parts.
    package init(key: RunKey, delivery: UInt64, refusal: Refusal, message: String) {
        self.key = key
        self.delivery = delivery
        self.refusal = refusal
        self.message = message
    }
}
