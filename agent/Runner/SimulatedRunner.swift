// SPDX-License-Identifier: Apache-2.0

package import Jobs
import ServiceLifecycle

/// A host that only pretends: it answers each run with an outcome that a function makes up, and has no disk.
///
/// For load tests with thousands of agents in one process. Runs take the time of `delay`, all at once; with no delay
/// they end within ``accept(_:confirming:storeID:)``, and ``run()`` need not be called.
package actor SimulatedRunner<C: Clock>: RunHolder, Service where C.Duration == Duration {
    /// The name that was given to it.
    package nonisolated let ledgerID: String

    private let delay: Duration
    private let clock: C
    private let outcome: @Sendable (Assignment) -> RunOutcome
    private nonisolated let reportSignal = Signal()
    private nonisolated let wake = Signal()
    private var storeID: String?
    private var held: UInt64 = 0
    private var refusedOrders: [RefusedOrder] = []
    /// The runs that wait for a go-ahead.
    private var parked: [JobID: Assignment] = [:]
    /// The runs that have begun and have no outcome; in order of their end, since each takes the same time.
    private var waiting: [(assignment: Assignment, due: C.Instant)] = []
    private var pending: [RunReport] = []
    private var lastSequence: Int64 = 0

    /// Makes a simulated host.
    ///
    /// - Parameters:
    ///   - ledgerID: the name of its memory.
    ///   - delay: how long each run takes.
    ///   - clock: measures the delay.
    ///   - outcome: how a run ends.
    package init(
        ledgerID: String,
        delay: Duration = .zero,
        clock: C,
        outcome: @escaping @Sendable (Assignment) -> RunOutcome = { _ in RunOutcome(state: .completed, changed: false) }
    ) {
        self.ledgerID = ledgerID
        self.delay = delay
        self.clock = clock
        self.outcome = outcome
    }

    /// Ends runs when their time has come, until the task is cancelled.
    package func run() async {
        await cancelWhenGracefulShutdown {
            for await _ in self.wake.stream() { await self.endRuns() }
        }
    }

    private func endRuns() async {
        while let first = waiting.first {
            do {
                try await clock.sleep(until: first.due, tolerance: nil)
            } catch {
                return
            }
            let now = clock.now
            let ended = waiting.prefix { $0.due <= now }
            waiting.removeFirst(ended.count)
            for run in ended { report(run.assignment.key, .ended(outcome(run.assignment))) }
            reportSignal.raise()
        }
    }

    /// Notes a report; that of an outcome has a digest, as a real agent's has.
    private func report(_ key: RunKey, _ event: RunReport.Event) {
        var event = event
        if case .ended(let outcome) = event { event = .ended(outcome.digested) }
        lastSequence += 1
        pending.append(
            RunReport(
                sequence: lastSequence,
                jobID: key.jobID,
                attempt: key.attempt,
                event: event
            )
        )
    }

    // MARK: RunHolder

    /// Up to where runs were accepted.
    package var position: DeliveryPosition {
        DeliveryPosition(storeID: storeID, held: held, refusedOrders: refusedOrders)
    }

    /// Begins runs that are new by their delivery, and ends them if they take no time; ends those that are cancelled.
    ///
    /// Runs that wait for a go-ahead begin with it.
    package func accept(_ arrivals: [Arrival], confirming sequences: [Int64], storeID: String) {
        confirm(sequences)
        if storeID != self.storeID {
            self.storeID = storeID
            held = 0
            refusedOrders = []
        }
        for arrival in arrivals.sorted(by: { $0.number < $1.number }) where arrival.number > held {
            held = arrival.number
            switch arrival {
            case .accepted(.run(let run)) where run.policy.awaitsGo: parked[run.jobID] = run
            case .accepted(.run(let run)): begin(run)
            case .accepted(.go(let order)): if let run = parked.removeValue(forKey: order.jobID) { begin(run) }
            case .accepted(.cancel(let order)): cancel(order)
            case .refusedRun(let run): report(run.key, .ended(run.refusal.outcome(run.message)))
            case .refusedOrder(let order): refusedOrders = Array((refusedOrders + [order]).suffix(64))
            }
        }
        reportSignal.raise()
        if !waiting.isEmpty { wake.raise() }
    }

    /// Forgets what the controller knows.
    package func confirmRefusedOrders(_ orders: [RefusedOrder]) {
        refusedOrders.removeAll { orders.contains($0) }
    }

    private func begin(_ assignment: Assignment) {
        report(assignment.key, .started)
        if delay == .zero {
            report(assignment.key, .ended(outcome(assignment)))
        } else {
            waiting.append((assignment, clock.now.advanced(by: delay)))
        }
    }

    private func cancel(_ order: CancelOrder) {
        let error = RunError(code: "cancelled", message: "ended on request")
        let cancelled = RunOutcome(state: .cancelled, error: error)
        if let assignment = parked.removeValue(forKey: order.jobID) { report(assignment.key, .ended(cancelled)) }
        for run in waiting where run.assignment.jobID == order.jobID { report(run.assignment.key, .ended(cancelled)) }
        waiting.removeAll { $0.assignment.jobID == order.jobID }
    }

    /// What was not confirmed yet; bytes are not counted, the outcomes are small.
    package func pendingReports(after sequence: Int64, limit: Int, maximumBytes: Int) -> [RunReport] {
        Array(pending.drop { $0.sequence <= sequence }.prefix(limit))
    }

    /// Forgets the reports.
    package func confirm(_ sequences: [Int64]) {
        guard !sequences.isEmpty else { return }
        let confirmed = Set(sequences)
        pending.removeAll { confirmed.contains($0.sequence) }
    }

    /// The runs without an outcome.
    package func active(limit: Int) -> [RunKey] {
        waiting.isEmpty ? [] : waiting.prefix(limit).map(\.assignment.key)
    }

    /// Calls whenever a report was stored.
    package nonisolated func onReport(_ body: @escaping @Sendable () -> Void) -> SignalListener {
        reportSignal.listen(body)
    }
}

extension SimulatedRunner where C == ContinuousClock {
    /// Makes a simulated host that measures time with the machine's clock.
    package init(
        ledgerID: String,
        delay: Duration = .zero,
        outcome: @escaping @Sendable (Assignment) -> RunOutcome = { _ in RunOutcome(state: .completed, changed: false) }
    ) {
        self.init(ledgerID: ledgerID, delay: delay, clock: ContinuousClock(), outcome: outcome)
    }
}

extension Assignment {
    /// Which run it is.
    fileprivate var key: RunKey { RunKey(jobID: jobID, attempt: attempt) }
}
