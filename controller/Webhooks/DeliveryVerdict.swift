// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store

/// What is made of a receiver's answer.
enum DeliveryVerdict {
    /// What a receiver said, or why there was no answer.
    enum Answer: Sendable {
        /// An answer with its status and, in seconds, its `Retry-After`.
        case status(Int, retryAfter: Int?)
        /// None.
        case none(String)
    }

    /// How an attempt ended.
    ///
    /// - Parameters:
    ///   - delivery: what was sent.
    ///   - answer: what came of it.
    ///   - spread: for ``RetrySchedule``.
    ///   - now: the controller's time.
    /// - Returns: what the store is to take in.
    static func outcome(
        of delivery: DueDelivery,
        _ answer: Answer,
        spread: Double,
        now: Timestamp
    ) -> DeliveryOutcome {
        func again(_ wish: Int? = nil) -> DeliveryOutcome.Next {
            RetrySchedule.next(
                after: delivery.attempts + 1,
                wish: wish.map { .seconds($0) },
                spread: spread,
                now: now
            ).map { .again($0) } ?? .failed
        }
        switch answer {
        case .status(let status, _) where (200..<300).contains(status):
            return DeliveryOutcome(id: delivery.id, next: .delivered, status: status, error: nil)
        case .status(410, _):
            let reason = "the receiver answered 410: it wants no more"
            return DeliveryOutcome(id: delivery.id, next: .disabled(reason), status: 410, error: reason)
        case .status(let status, let wish):
            let why = (300..<400).contains(status) ? "a redirect, which is not followed" : "not taken"
            return DeliveryOutcome(id: delivery.id, next: again(wish), status: status, error: "\(status): \(why)")
        case .none(let why):
            return DeliveryOutcome(id: delivery.id, next: again(), status: nil, error: String(why.prefix(300)))
        }
    }
}
