// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a job's deadlines ask for at a given time.
///
/// Pure. A job passes three of them: its deadline, when pending runs that were never offered expire; a lease later,
/// when the pending ones that were offered are given up; its hard end, when everything else is.
struct DeadlineCheck {
    /// Which runs have come to their end.
    enum Due {
        /// None yet.
        case nothing
        /// The pending ones that were never offered.
        case unoffered
        /// All pending ones.
        case pending
        /// All that are open.
        case open
    }

    let deadlineAt: Timestamp
    let hardEndAt: Timestamp
    let lease: Duration

    /// What is due at `now`.
    func due(at now: Timestamp) -> Due {
        if now >= max(hardEndAt, deadlineAt) { return .open }
        if now >= deadlineAt + lease { return .pending }
        return now >= deadlineAt ? .unoffered : .nothing
    }

    /// When to look again, once what is due at `now` has been ended; later than `now` unless ``due(at:)`` is `open`.
    func next(after now: Timestamp, hasPending: Bool) -> Timestamp {
        switch due(at: now) {
        case .nothing: deadlineAt
        case .unoffered where hasPending: min(deadlineAt + lease, max(hardEndAt, deadlineAt))
        case .unoffered, .pending, .open: max(hardEndAt, deadlineAt)
        }
    }
}
