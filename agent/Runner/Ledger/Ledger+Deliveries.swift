// SPDX-License-Identifier: Apache-2.0

package import Jobs

extension Ledger {
    /// Takes deliveries in; when this returns they are held on the disk and may be acknowledged.
    ///
    /// A run that the ledger knows is passed over, whatever became of it. A run that is to be cancelled and has not begun
    /// ends here; one that has begun is marked, and is for the caller to end. The position rises to the highest delivery;
    /// a store other than the last begins with its own numbers. A run that is refused ends here as well, and so does one
    /// whose deadline lies in a time of which the ledger has forgotten what was executed.
    ///
    /// Reports that the controller has are confirmed in the same transaction, as by ``confirm(_:)``.
    ///
    /// - Returns: the runs that have begun and are to be ended, with the orders to do so.
    /// - Throws: ``LedgerError``; then nothing was taken in.
    @discardableResult
    package func accept(
        _ arrivals: [Arrival],
        confirming sequences: [Int64] = [],
        storeID: String,
        now: Timestamp
    ) throws(LedgerError) -> [RunToCancel] {
        try use { (database) throws(LedgerError) in
            try database.transaction { () throws(LedgerError) in
                try database.confirm(sequences)
                let last = try database.position()
                var held = last.storeID == storeID ? last.held : 0
                var toCancel: [RunToCancel] = []
                var refused = last.storeID == storeID ? last.refusedOrders : []
                for arrival in arrivals.sorted(by: { $0.number < $1.number }) {
                    switch arrival {
                    case .accepted(.run(let assignment)): try database.take(assignment, now: now)
                    case .accepted(.go(let order)): try database.release(order.jobID)
                    case .accepted(.cancel(let order)): toCancel += try database.cancel(order, now: now)
                    case .refusedRun(let run): try database.refuse(run, now: now)
                    case .refusedOrder(let order): refused.append(order)
                    }
                    held = max(held, arrival.number)
                }
                try database.setMeta("store_id", to: storeID)
                try database.setMeta("held", to: String(held))
                if refused != last.refusedOrders { try database.setRefusedOrders(refused) }
                return toCancel
            }
        }
    }
}

/// A run that has begun and is to be ended.
package struct RunToCancel: Hashable, Sendable {
    /// Which run.
    package let key: RunKey
    /// How, and for whom.
    package let order: CancelOrder
}

extension SQLite {
    /// Holds a run that is new; one that would be executed without the ledger knowing whether it was before ends here.
    fileprivate func take(_ assignment: Assignment, now: Timestamp) throws(LedgerError) {
        guard let position = try insert(assignment, now: now) else { return }
        let forgotten = try forgottenDeadline()
        guard assignment.deadline <= forgotten else { return }
        let message = "its deadline, \(assignment.deadline), lies in a time of which this agent has forgotten its runs"
        try end(position, with: Refusal.deadline.outcome(message), now: now)
    }

    /// Stores a run that is not executed, unless it is known.
    fileprivate func refuse(_ run: RefusedRun, now: Timestamp) throws(LedgerError) {
        let assignment = Assignment(
            jobID: run.key.jobID,
            attempt: run.key.attempt,
            delivery: run.delivery,
            operation: OperationRequest(type: ""),
            startWithin: .zero,
            notBefore: Timestamp(milliseconds: 0),
            // What was refused is not executed when it comes again after it was forgotten.
            deadline: Timestamp(milliseconds: 0)
        )
        guard let position = try insert(assignment, now: now) else { return }
        try end(position, with: run.refusal.outcome(run.message), now: now)
    }

    /// Stores a run as held.
    ///
    /// - Returns: its position; nil where it is known, whatever became of it.
    private func insert(_ assignment: Assignment, now: Timestamp) throws(LedgerError) -> Int64? {
        let policy = assignment.policy
        return try first(
            """
            INSERT INTO runs (job_high, job_low, attempt, delivery, operation, parameters, arrived_at, start_before,
                max_attempts, backoff, rerun_interrupted, exclusive, awaits_go, submitted_by, deadline, dry_run,
                traceparent, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held')
            ON CONFLICT (job_high, job_low, attempt) DO NOTHING RETURNING position
            """,
            .integer(Int64(bitPattern: assignment.jobID.high)),
            .integer(Int64(bitPattern: assignment.jobID.low)),
            .integer(Int64(assignment.attempt)),
            .integer(Int64(bitPattern: assignment.delivery)),
            .text(assignment.operation.type),
            .bytes(try encoded(assignment.operation.data)),
            .integer(now.milliseconds),
            .integer((now + assignment.startWithin).milliseconds),
            .integer(Int64(policy.maxAttempts)),
            .integer(policy.backoff.wholeMilliseconds),
            .integer(policy.onInterrupt == .rerun ? 1 : 0),
            .integer(policy.isExclusive ? 1 : 0),
            .integer(policy.awaitsGo ? 1 : 0),
            assignment.submittedBy.map { .text($0) } ?? .null,
            .integer(assignment.deadline.milliseconds),
            .integer(policy.isDryRun ? 1 : 0),
            assignment.trace.map { .text($0.description) } ?? .null
        ) { $0.integer(0) }
    }

    /// The latest deadline of a run that was forgotten.
    private func forgottenDeadline() throws(LedgerError) -> Timestamp {
        let text = try first("SELECT value FROM meta WHERE name = 'forgotten_deadline'") { $0.text(0) }
        return Timestamp(milliseconds: text.flatMap { Int64($0) } ?? .min)
    }

    /// Lets the held run of a job begin.
    fileprivate func release(_ id: JobID) throws(LedgerError) {
        try run(
            "UPDATE runs SET awaits_go = 0 WHERE job_high = ? AND job_low = ? AND state = 'held'",
            .integer(Int64(bitPattern: id.high)),
            .integer(Int64(bitPattern: id.low))
        )
    }

    /// Ends what of a job is held, and marks what has begun.
    fileprivate func cancel(_ order: CancelOrder, now: Timestamp) throws(LedgerError) -> [RunToCancel] {
        let found = try all(
            """
            SELECT job_high, job_low, attempt, position, state FROM runs
            WHERE job_high = ? AND job_low = ? AND state <> 'ended'
            """,
            .integer(Int64(bitPattern: order.jobID.high)),
            .integer(Int64(bitPattern: order.jobID.low))
        ) { ($0.key, $0.integer(3), $0.text(4)) }
        var toCancel: [RunToCancel] = []
        for (key, position, state) in found {
            try run(
                "UPDATE runs SET cancel_requested = 1, cancel_requested_by = ? WHERE position = ?",
                order.requestedBy.map { .text($0) } ?? .null,
                .integer(position)
            )
            if state == "started" {
                toCancel.append(RunToCancel(key: key, order: order))
            } else {
                try end(position, with: .cancelledBeforeStart(of: key.attempt, by: order.requestedBy), now: now)
            }
        }
        return toCancel
    }
}

extension RunOutcome {
    /// The outcome of a run that was cancelled before it began, or between two attempts.
    fileprivate static func cancelledBeforeStart(of attempt: Int, by name: String?) -> RunOutcome {
        let who = name.map { " by \($0)" } ?? ""
        let message =
            attempt == 1 ? "cancelled\(who) before it began" : "cancelled\(who) before attempt \(attempt) began"
        return RunOutcome(
            state: .cancelled,
            // What an earlier attempt did is not known here.
            changed: attempt == 1 ? false : nil,
            error: RunError(code: "cancelled", message: message)
        )
    }
}
