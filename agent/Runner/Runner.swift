// SPDX-License-Identifier: Apache-2.0

package import Jobs
import Logging
package import Operations
package import Policy
import ServiceLifecycle
import Synchronization

/// Executes the runs that the agent holds: in the order of delivery, a few at once, each only once.
///
/// What is held, has begun and has ended is in the ``Ledger`` before anybody acts on it. While the ledger cannot be
/// written, as when the disk is full, nothing is begun, and what has ended keeps its place until its outcome is stored.
///
/// ## Shutdown
///
/// On graceful shutdown nothing more is begun. What becomes of runs that go on says the ``ShutdownPolicy``; those that
/// are ended or left running are stored as `interrupted`. What is held stays held for the next start.
package actor Runner: RunHolder, Service {
    /// The name of the ledger.
    package nonisolated let ledgerID: String

    let ledger: Ledger
    private let operations: OperationSet
    private let reveal: @Sendable (OperationRequest) throws -> OperationRequest
    private let permit: @Sendable (HeldRun) -> PolicyDecision
    let context: OperationContext
    private let outputs: OutputArchive?
    private let configuration: Configuration
    private let clock: any Clock<Duration>
    private let logger: Logger
    private nonisolated let wake = Signal()
    nonisolated let reports = Signal()
    private nonisolated let isShuttingDown = Mutex(false)
    private var isOutOfPatience = false
    var running: [RunKey: RunningRun] = [:]
    /// The runs that wait for the host and for which it was tried to keep it from going.
    var takenBack: Set<RunKey> = []
    private var ledgerFailure: LedgerError?

    /// Makes a runner; nothing is executed before ``run()``.
    ///
    /// - Parameters:
    ///   - ledger: its memory.
    ///   - operations: what it can do.
    ///   - permit: says before a run begins whether the host's policy lets it; every run, unless told otherwise.
    ///   - reveal: opens the secrets of an operation before it begins; what it throws refuses the run.
    ///   - context: what it gives to operations; also its logger and its time of day.
    ///   - outputs: keeps the output of runs that their data has no room for; nil for nowhere.
    ///   - configuration: what can be set.
    ///   - clock: measures its waiting.
    package init(
        ledger: Ledger,
        operations: OperationSet = .builtIn,
        permit: @escaping @Sendable (HeldRun) -> PolicyDecision = { _ in .allowed(by: nil) },
        reveal: @escaping @Sendable (OperationRequest) throws -> OperationRequest = { $0 },
        context: OperationContext,
        outputs: OutputArchive? = nil,
        configuration: Configuration = Configuration(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.ledger = ledger
        self.operations = operations
        self.permit = permit
        self.reveal = reveal
        self.context = context
        self.outputs = outputs
        self.configuration = configuration
        self.clock = clock
        ledgerID = ledger.ledgerID
        logger = context.logger
    }

    /// Executes runs until it is shut down; cancelling the task cancels all that runs, without patience.
    ///
    /// Returns when nothing runs any more. To be called once.
    package func run() async {
        let signals = wake.stream()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.sweep() }
                group.addTask { await self.pruneRegularly() }
                await executeRuns(signals, in: &group)
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.isShuttingDown.withLock { $0 = true }
            self.wake.raise()
        }
    }

    /// Whether it has been told to end, and so begins nothing more.
    package nonisolated var isEnding: Bool { isShuttingDown.withLock { $0 } }

    // MARK: RunHolder

    /// Up to where the ledger holds what was delivered.
    package var position: DeliveryPosition {
        get throws { try ledger.position() }
    }

    /// Stores runs in the ledger and has them executed in their turn; ends those that are to be cancelled.
    package func accept(_ arrivals: [Arrival], confirming sequences: [Int64], storeID: String) throws {
        let toCancel = try ledger.accept(arrivals, confirming: sequences, storeID: storeID, now: context.now())
        for run in toCancel {
            let order = run.order
            running[run.key]?.cancel(RunCancellation.Order(grace: order.grace, requestedBy: order.requestedBy))
        }
        reports.raise()
        wake.raise()
    }

    /// What the ledger still has to tell.
    package func pendingReports(after sequence: Int64, limit: Int, maximumBytes: Int) throws -> [RunReport] {
        try ledger.pendingReports(after: sequence, limit: limit, maximumBytes: maximumBytes)
    }

    /// Notes in the ledger what the controller has.
    package func confirm(_ sequences: [Int64]) throws {
        try ledger.confirm(sequences)
    }

    /// Notes in the ledger which refusals the controller knows of.
    package func confirmRefusedOrders(_ orders: [RefusedOrder]) throws {
        try ledger.confirmRefusedOrders(orders)
    }

    /// The runs without an outcome.
    package func active(limit: Int) throws -> [RunKey] {
        try ledger.active(limit: limit)
    }

    /// What a run writes that goes on; nil where it does not.
    package func live(_ key: RunKey) -> LiveOutput? {
        running[key]?.live
    }

    /// Calls whenever a report was stored.
    package nonisolated func onReport(_ body: @escaping @Sendable () -> Void) -> SignalListener {
        reports.listen(body)
    }
}

// MARK: Executing

extension Runner {
    /// Begins runs whenever there may be one to begin, until shutdown; then waits for those that run, with patience.
    private func executeRuns(_ signals: AsyncStream<Void>, in group: inout DiscardingTaskGroup) async {
        var isWaitingForEnd = false
        for await _ in signals {
            guard isShuttingDown.withLock({ $0 }) else {
                beginRuns(in: &group)
                continue
            }
            if configuration.shutdownPolicy == .leave {
                for run in running.values { run.leave() }
            }
            if running.isEmpty || isOutOfPatience || configuration.shutdownPolicy != .wait { return }
            if !isWaitingForEnd {
                isWaitingForEnd = true
                group.addTask { await self.losePatience() }
            }
        }
    }

    private func beginRuns(in group: inout DiscardingTaskGroup) {
        do throws(LedgerError) {
            if try ledger.expireHeld(now: context.now()) > 0 { reports.raise() }
            try seeToReturns(in: &group)
            while running.count < configuration.maximumConcurrentRuns, let run = try nextRun() {
                let operation: OperationRequest
                switch admit(run) {
                case .success(let admitted): operation = admitted
                case .failure(let reason):
                    try refuse(run, reason)
                    continue
                }
                guard try ledger.begin(run.key) else { break }
                let handle = RunningRun(isExclusive: run.isExclusive)
                running[run.key] = handle
                reports.raise()
                let watch = returnWatch(of: run.key, handle)
                group.addTask { [operations, context, outputs] in
                    var context = context
                    context.returnWatch = watch
                    context.outputs = outputs?.outputs(of: run.key.jobID, attempt: run.key.attempt)
                    await self.end(run.key, with: await Self.execute(run, operation, handle, operations, context))
                }
            }
            noteLedger(nil)
        } catch {
            // The next sweep tries again.
            noteLedger(error)
        }
    }

    /// Why a run must not begin.
    private struct Reason: Error {
        let refusal: Refusal
        let message: String
    }

    /// What is to be done for a run, with its secrets, where the host's policy lets it begin.
    private func admit(_ run: HeldRun) -> Result<OperationRequest, Reason> {
        if let reason = permit(run).refusal { return .failure(Reason(refusal: .policy, message: reason)) }
        do {
            return .success(try reveal(run.operation))
        } catch {
            return .failure(Reason(refusal: .secret, message: "\(error)"))
        }
    }

    /// Ends a run that must not begin.
    private func refuse(_ run: HeldRun, _ reason: Reason) throws(LedgerError) {
        var logger = logger
        logger.note(run)
        logger.warning(
            "refused a run",
            metadata: [
                "operation.type": "\(run.operation.type)",
                "submitted_by": "\(run.submittedBy ?? "")", "code": "\(reason.refusal.rawValue)",
                "error": "\(reason.message)",
            ]
        )
        try ledger.finish(run.key, with: reason.refusal.outcome(reason.message), now: context.now())
        reports.raise()
    }

    /// The next run that may begin beside those that go on.
    ///
    /// One for an operation of which it is not known yet what it is here waits for that, and others go before it; but of those
    /// that change the host, none does before an earlier one.
    private func nextRun() throws(LedgerError) -> HeldRun? {
        // A host that is about to go is changed by nobody else, and no exclusive run begins that its going would cut short.
        let awaitsReturn = try ledger.awaitsReturn()
        var allowsExclusive = !(awaitsReturn || running.values.contains { $0.isExclusive })
        var unsettled: [String] = []
        while let run = try ledger.nextHeld(
            now: context.now(),
            allowingExclusive: allowsExclusive,
            except: unsettled
        ) {
            if operations.isSettled(run.operation.type) { return run }
            unsettled.append(run.operation.type)
            if run.isExclusive { allowsExclusive = false }
        }
        return nil
    }

    /// Does the work, away from the actor, until it ends or is to be ended.
    private static func execute(
        _ run: HeldRun,
        _ operation: OperationRequest,
        _ handle: RunningRun,
        _ operations: OperationSet,
        _ context: OperationContext
    ) async -> RunOutcome {
        let outcome = await handle.perform { await perform(run, operation, handle, operations, context) }
        guard let outcome else { return .interrupted(data: nil) }
        // The end of the agent cancels runs as well: that is no cancellation of the job.
        if outcome.state == .cancelled, !handle.wasCancelled { return .interrupted(data: outcome.data) }
        return outcome
    }

    private static func perform(
        _ run: HeldRun,
        _ operation: OperationRequest,
        _ handle: RunningRun,
        _ operations: OperationSet,
        _ context: OperationContext
    ) async -> RunOutcome {
        var context = context
        context.cancellation = handle.cancellation
        context.live = handle.live
        context.jobID = run.key.jobID
        context.isDryRun = run.isDryRun
        context.environment["BROKER_JOB_ID"] = "\(run.key.jobID)"
        context.environment["BROKER_ATTEMPT"] = "\(run.key.attempt)"
        if let trace = run.trace { context.environment["TRACEPARENT"] = "\(trace)" }
        context.logger.note(run)
        context.logger.debug("run begins", metadata: ["operation.type": "\(operation.type)"])
        do {
            let outcome = try await operations.run(operation, in: context)
            context.logger.debug("run ended", metadata: ["run.state": "\(outcome.state.rawValue)"])
            return outcome
        } catch is CancellationError {
            return .cancelled
        } catch {
            context.logger.error("operation failed without an outcome", metadata: ["error": "\(error)"])
            return RunOutcome(state: .failed, error: RunError(code: "internal_error", message: "\(error)"))
        }
    }

    /// Stores an outcome.
    ///
    /// Nothing is stored of a run that waits for the return of its host. While the ledger refuses it, the run keeps its place, and only the end of the agent lets it
    /// go: then the next start finds it interrupted.
    func end(_ key: RunKey, with outcome: RunOutcome) async {
        while running[key]?.goesOn(after: outcome) != true {
            do throws(LedgerError) {
                try ledger.finish(key, with: outcome, now: context.now())
                noteLedger(nil)
                break
            } catch {
                noteLedger(error)
            }
            guard await pause(configuration.sweepInterval) else { break }
        }
        let run = running.removeValue(forKey: key)
        reports.raise()
        // After the report was stored: who follows hears of the end by it.
        run?.live.end()
        wake.raise()
    }

    private func losePatience() async {
        guard await pause(configuration.shutdownPatience) else { return }
        isOutOfPatience = true
        wake.raise()
    }

    private func sweep() async {
        while await pause(configuration.sweepInterval) { wake.raise() }
    }

    private func pruneRegularly() async {
        repeat {
            outputs?.prune()
            do throws(LedgerError) {
                let time = context.now() + (.zero - configuration.retention)
                let count = try ledger.prune(endedBefore: time)
                if count > 0 { logger.debug("old runs forgotten", metadata: ["runs.count": "\(count)"]) }
            } catch {
                noteLedger(error)
            }
        } while await pause(configuration.pruneInterval)
    }

    /// Waits; answers false when the task was cancelled.
    private func pause(_ duration: Duration) async -> Bool {
        do {
            try await clock.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }

    /// Logs when the ledger begins to fail, and when it works again, but not each time.
    private func noteLedger(_ failure: LedgerError?) {
        guard failure != ledgerFailure else { return }
        ledgerFailure = failure
        if let failure {
            logger.error("ledger cannot be written; nothing is begun", metadata: ["error": "\(failure)"])
        } else {
            logger.info("ledger can be written again")
        }
    }
}

extension Logger {
    /// Adds which run the lines are about.
    fileprivate mutating func note(_ run: HeldRun) {
        self[metadataKey: "job.id"] = "\(run.key.jobID)"
        self[metadataKey: "run.attempt"] = "\(run.key.attempt)"
        guard let trace = run.trace else { return }
        self[metadataKey: "trace.id"] = "\(trace.traceID)"
        self[metadataKey: "trace.parent"] = "\(trace.parentID)"
    }
}

extension RunOutcome {
    /// The outcome of an operation that let go of its work when it was cancelled.
    fileprivate static let cancelled = RunOutcome(
        state: .cancelled,
        error: RunError(code: "cancelled", message: "ended on request")
    )

    /// The outcome of a run that the end of the agent cut short.
    fileprivate static func interrupted(data: JSONValue?) -> RunOutcome {
        let error = RunError(code: "interrupted", message: "the agent was stopped while it ran")
        return RunOutcome(state: .failed, error: error, data: data)
    }
}
