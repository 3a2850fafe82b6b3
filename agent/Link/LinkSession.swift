// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import NNG
import Runner
import Synchronization
import Wire

/// One session with the controller, from the hello to the first thing that goes wrong.
///
/// Requests are open side by side over one connection, each on a context of its own: the poll, which the controller parks;
/// reports; a hello where facts have changed; a question for certificates; questions for objects; and a piece of each output that is wanted.
final class LinkSession: Sendable {
    private let link: LinkService
    let logger: Logger
    private let welcome = Mutex<Welcome?>(nil)
    private let reportLine: ReportLine
    /// What the controller wants of outputs, and is not answered yet.
    let outputRequests: AsyncStream<OutputRequest>
    let outputsUnderWay = Mutex(0)
    private let outputRequestTaker: AsyncStream<OutputRequest>.Continuation

    init(link: LinkService, logger: Logger) {
        self.link = link
        self.logger = logger
        reportLine = ReportLine(of: link.runner, link.configuration)
        (outputRequests, outputRequestTaker) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(64))
    }

    /// Whether the controller has welcomed this session.
    var wasWelcome: Bool { welcome.withLock { $0 != nil } }

    var configuration: LinkConfiguration { link.configuration }

    var outputs: OutputExchange? { link.outputs }

    /// Connects, says hello, and serves until something goes wrong or the task is cancelled.
    ///
    /// - Throws: what ended the session; `CancellationError` on shutdown, after what there was to tell has been told.
    func run(url: String) async throws {
        var options = Socket.Options()
        options.receiveMaximum = WireLimits.message
        // A lost connection ends the session, and the next one begins with a hello; nothing is sent again blindly.
        options.requestResendInterval = nil
        options.reconnectMaximum = link.configuration.reconnectMaximum
        let socket = try Socket.request(options: options)
        defer { socket.close() }
        _ = try socket.dial(url, start: .inBackground)
        let reports = try Context(on: socket)
        let greetings = try Context(on: socket)
        let polls = try Context(on: socket)
        let certificates = try Context(on: socket)
        let transfers = try Context(on: socket)

        let condition = link.condition()
        let first = link.introduction(in: condition)
        try await hello(first, on: greetings)
        logger.info("linked to the controller")
        link.setLinked(true)
        defer { link.setLinked(false) }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.keepPolling(on: polls) }
                group.addTask { try await self.keepReporting(on: reports) }
                group.addTask { try await self.keepFactsFresh(on: greetings, told: first, in: condition) }
                group.addTask { try await self.keepSendingOutput(on: socket) }
                if let exchange = link.credentials {
                    group.addTask { try await self.keepCredentials(exchange, on: certificates) }
                }
                if let line = link.objects {
                    group.addTask { try await self.keepAsking(line, on: transfers) }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            if Task.isCancelled { await flush(reports) }
            throw error
        }
    }

    // MARK: Hello

    private func hello(_ introduction: Introduction, on context: Context) async throws {
        switch try await askPatiently(.hello(introduction), on: context) {
        case .welcome(let answer):
            // Before the first poll: what comes then may be signed by a key that is new.
            link.verifier.trust.learn(answer.jobKeys)
            welcome.withLock { $0 = answer }
        case .introduce, .work, .receipt, .credentials, .piece, .uploaded, .outputReceipt, .refusal:
            throw LinkError.unexpectedAnswer(to: "hello")
        }
    }

    /// Tells again what has changed: what the agent says of itself within seconds, what it finds out about its host
    /// when that is collected again.
    private func keepFactsFresh(
        on context: Context,
        told: Introduction,
        in condition: LinkService.Condition
    ) async throws {
        var (told, toldCondition) = (told, condition)
        var due = ContinuousClock.now + configuration.factsInterval
        while true {
            let condition = link.condition()
            if condition != toldCondition || ContinuousClock.now >= due {
                due = ContinuousClock.now + configuration.factsInterval
                let fresh = link.introduction(in: condition)
                if fresh != told { try await hello(fresh, on: context) }
                // What was learned from this welcome is told in the next round.
                (told, toldCondition) = (fresh, condition)
            }
            try await Task.sleep(for: min(configuration.conditionInterval, configuration.factsInterval))
        }
    }

    /// Notes within what time polls are answered from now on.
    private func noteHeartbeat(_ heartbeat: Duration) {
        welcome.withLock { $0?.heartbeat = heartbeat }
    }

    // MARK: Polls

    private func keepPolling(on context: Context) async throws {
        while true {
            try Task.checkCancellation()
            guard let welcome = welcome.withLock({ $0 }) else { throw LinkError.unknownSession }
            let reports = welcome.takesReportsInPolls ? try await reportLine.forPoll() : []
            let poll = try await link.nextPoll(storeID: welcome.storeID, reports: reports)
            let sentAt = ContinuousClock.now
            switch try await ask(.poll(poll), on: context, timeout: welcome.heartbeat + configuration.pollGrace) {
            case .work(let work):
                if welcome.takesReportsInPolls, !work.deliveries.isEmpty { reportLine.holdForPoll() }
                for request in work.outputs { outputRequestTaker.yield(request) }
                if let heartbeat = work.heartbeat { noteHeartbeat(heartbeat) }
                await forget(poll.refusedOrders)
                // Whatever the poll did not spend parked went by since the answer was sent, or before it came there.
                let onTheWay = max(.zero, ContinuousClock.now - sentAt - work.parked)
                let arrivals = work.deliveries.map { open($0, delayedBy: onTheWay) }
                try await accept(arrivals, confirming: work.confirmed, storeID: work.storeID)
                if welcome.takesReportsInPolls, !arrivals.isEmpty { try await awaitEnds() }
            case .introduce:
                throw LinkError.unknownSession
            case .welcome, .receipt, .credentials, .piece, .uploaded, .outputReceipt, .refusal:
                throw LinkError.unexpectedAnswer(to: "poll")
            }
        }
    }

    /// Forgets refused orders that the controller knows of; where that fails they are told again, which changes nothing.
    private func forget(_ told: [RefusedOrder]) async {
        guard !told.isEmpty else { return }
        do {
            try await link.runner.confirmRefusedOrders(told)
        } catch {
            logger.warning("the ledger does not forget what was told", metadata: ["error": "\(error)"])
        }
    }

    /// Checks whether to believe a delivery.
    private func open(_ sealed: SealedDelivery, delayedBy delay: Duration) -> Arrival {
        let arrival = link.verifier.open(sealed, delayedBy: delay)
        switch arrival {
        case .accepted: break
        case .refusedRun(let run):
            logger.error(
                "refused a run",
                metadata: ["job.id": "\(sealed.jobID)", "code": "\(run.refusal.rawValue)", "error": "\(run.message)"]
            )
        case .refusedOrder(let order):
            logger.error(
                "refused an order",
                metadata: [
                    "job.id": "\(order.jobID)", "code": "\(order.error.code)", "error": "\(order.error.message)",
                ]
            )
        }
        return arrival
    }

    /// Writes work to the ledger.
    ///
    /// Where that fails, nothing is acknowledged: the next poll says what is held. Where there is room for some of it, that
    /// is taken, and the next poll asks for the rest.
    private func accept(_ arrivals: [Arrival], confirming sequences: [Int64], storeID: String) async throws {
        guard !arrivals.isEmpty else { return try await link.runner.confirm(sequences) }
        var some = arrivals[...]
        while !some.isEmpty {
            do {
                return try await link.runner.accept(Array(some), confirming: sequences, storeID: storeID)
            } catch let error as LedgerError {
                if error.code == .diskFull, some.count > 1 {
                    some = some.prefix(some.count / 2)
                    continue
                }
                logger.error(
                    "work could not be written to the ledger",
                    metadata: ["deliveries": "\(arrivals.count)", "error": "\(error)"]
                )
                return try await Task.sleep(for: .seconds(2))
            }
        }
    }

    /// Gives what was just taken a moment to end, so that the poll that says it is held says as well what came of it.
    private func awaitEnds() async throws {
        let runner = link.runner
        if try await runner.active(limit: 1).isEmpty { return }
        try await withThrowingTaskGroup(of: Void.self) { [configuration] group in
            group.addTask {
                for await _ in runner.reportSignals() where try await runner.active(limit: 1).isEmpty { return }
            }
            group.addTask { try await Task.sleep(for: configuration.pollDelay) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    // MARK: Reports

    private func keepReporting(on context: Context) async throws {
        for await _ in reportLine.bells {
            while try await tell(on: context, timeout: configuration.answerTimeout) {}
        }
        try Task.checkCancellation()
    }

    /// Tells the next reports.
    ///
    /// - Returns: whether there were any.
    private func tell(on context: Context, timeout: Duration) async throws -> Bool {
        try await reportLine.tell { reports in
            switch try await self.ask(.reports(reports), on: context, timeout: timeout) {
            case .receipt(let sequences): return sequences
            case .welcome, .introduce, .work, .credentials, .piece, .uploaded, .outputReceipt, .refusal:
                throw LinkError.unexpectedAnswer(to: "report")
            }
        }
    }

    /// Tells what there is to tell before the agent ends; what does not get through is told after the next start.
    private func flush(_ context: Context) async {
        let timeout = configuration.flushTimeout
        reportLine.startOver()
        // Shield: the session's task is cancelled by now, and the reports are to go out all the same.
        await Task {
            let end = ContinuousClock.now + timeout
            do {
                while ContinuousClock.now < end, try await self.tell(on: context, timeout: timeout) {}
            } catch {
                self.logger.info("some reports wait for the next start", metadata: ["error": "\(error)"])
            }
        }.value
    }

    // MARK: Asking

    /// Asks again for as long as the controller says that it is busy.
    ///
    /// The connection is kept meanwhile: a new one would cost the controller more than the question does.
    private func askPatiently(_ message: AgentMessage, on context: Context) async throws -> ControllerMessage {
        while true {
            do {
                return try await ask(message, on: context, timeout: configuration.answerTimeout)
            } catch LinkError.refused("busy", _, let retryAfter) {
                logger.info("the controller is busy", metadata: ["retry_after_ms": "\(retryAfter.wholeMilliseconds)"])
                try await Task.sleep(for: retryAfter + .milliseconds(500) * Double.random(in: 0..<1))
            }
        }
    }

    func ask(
        _ message: AgentMessage,
        on context: Context,
        timeout: Duration
    ) async throws -> ControllerMessage {
        let answer = try ControllerMessage(bytes: try await context.request(message.bytes, timeout: timeout))
        if case .refusal(let code, let text, let retryAfter) = answer {
            throw LinkError.refused(code: code, message: text, retryAfter: retryAfter)
        }
        return answer
    }
}
