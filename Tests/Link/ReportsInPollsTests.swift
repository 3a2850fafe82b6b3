// SPDX-License-Identifier: Apache-2.0

import Jobs
import Runner
import Synchronization
import Testing
import Wire

/// How reports go to a controller that takes them in polls.
@Suite(.timeLimit(.minutes(10)))
struct ReportsInPollsTests {
    private let controller: TestController
    private let welcome = ControllerMessage.welcome(
        Welcome(storeID: "store", heartbeat: .seconds(30), takesReportsInPolls: true)
    )

    init() throws {
        controller = try TestController()
    }

    private func work(_ delivery: UInt64, confirmed: [Int64] = []) throws -> ControllerMessage {
        let run = try controller.sealed(TestController.assignment(delivery))
        return .work(Work(storeID: "store", [run], parked: .zero, confirmed: confirmed))
    }

    /// Answers a hello, and each poll with the next of `answers`, while there is one; and reports, if so said.
    private func giving(
        _ answers: [ControllerMessage],
        receipts: Bool = false
    ) -> @Sendable (AgentMessage) -> ControllerMessage? {
        let left = Mutex(answers[...])
        return { [welcome] message in
            switch message {
            case .hello: welcome
            case .poll: left.withLock { $0.popFirst() }
            case .reports(let reports): receipts ? .receipt(reports.map(\.sequence)) : nil
            case .credentials, .object, .upload, .output: nil
            }
        }
    }

    @Test func `the poll that acknowledges a short run says how it ended, and each report goes out once`() async throws
    {
        let answers = [try work(1), try work(2, confirmed: [1, 2]), try work(3, confirmed: [3, 4])]
        try await controller.withLink(answer: giving(answers)) { seen in
            var told: [[Int64]] = []
            for await message in seen {
                switch message {
                case .poll(let poll):
                    #expect(poll.held == UInt64(told.count))
                    told.append(poll.reports.map(\.sequence))
                case .reports: Issue.record("a message of its own")
                case .hello, .credentials, .object, .upload, .output: break
                }
                if told.count == 4 { break }
            }
            #expect(told == [[], [1, 2], [3, 4], [5, 6]])
        }
    }

    @Test func `what a poll has no room for is told by messages of their own while it is parked`() async throws {
        let runs = try (1...150).map { try controller.sealed(TestController.assignment($0)) }
        let answers = [ControllerMessage.work(Work(storeID: "store", runs, parked: .zero))]
        try await controller.withLink(answer: giving(answers, receipts: true)) { seen in
            var polled: [Int64] = []
            var told: [Int64] = []
            for await message in seen {
                if case .poll(let poll) = message, poll.held == 150 { polled += poll.reports.map(\.sequence) }
                if case .reports(let reports) = message { told += reports.map(\.sequence) }
                if told.last == 300 { break }
            }
            #expect(polled == Array(1...200))
            #expect(told == Array(201...300))
        }
    }

    @Test func `a run that takes longer is acknowledged at once, and its end is told by a message of its own`()
        async throws
    {
        let runner = HandRunner()
        let given = [try work(1)]
        try await controller.withLink(runner: runner, answer: giving(given, receipts: true)) { seen in
            var polled: [Int64]?
            for await message in seen {
                if case .poll(let poll) = message, poll.held == 1 {
                    polled = poll.reports.map(\.sequence)
                    await runner.end(TestController.assignment(1).jobID)
                }
                guard case .reports(let reports) = message else { continue }
                #expect(polled == [1], "the beginning was told with the acknowledgement")
                #expect(reports.map(\.sequence) == [2])
                break
            }
        }
    }

    @Test func `what a poll carried and the controller did not confirm is told again in the next session`() async throws
    {
        let answers = [try work(1), .introduce]
        try await controller.withLink(answer: giving(answers)) { seen in
            var told: [[Int64]] = []
            for await message in seen {
                if case .poll(let poll) = message, poll.held == 1 { told.append(poll.reports.map(\.sequence)) }
                if told.count == 2 { break }
            }
            #expect(told == [[1, 2], [1, 2]])
        }
    }
}

/// A host with one run, which ends when the test says so.
private actor HandRunner: RunHolder {
    nonisolated let ledgerID = "ledger"
    private(set) var position = DeliveryPosition(storeID: nil, held: 0)
    private var reports: [RunReport] = []
    private var held: [RunKey] = []
    private nonisolated let signal = Signal()

    func accept(_ arrivals: [Arrival], confirming sequences: [Int64], storeID: String) {
        confirm(sequences)
        for case .accepted(.run(let run)) in arrivals {
            position = DeliveryPosition(storeID: storeID, held: run.delivery)
            held = [RunKey(jobID: run.jobID, attempt: 1)]
            tell(run.jobID, .started)
        }
    }

    func end(_ job: JobID) {
        held = []
        tell(job, .ended(RunOutcome(state: .completed)))
    }

    private func tell(_ job: JobID, _ event: RunReport.Event) {
        let sequence = (reports.last?.sequence ?? 0) + 1
        reports.append(RunReport(sequence: sequence, jobID: job, attempt: 1, event: event))
        signal.raise()
    }

    func pendingReports(after sequence: Int64, limit: Int, maximumBytes: Int) -> [RunReport] {
        reports.filter { $0.sequence > sequence }
    }

    // Kept, so that their numbers rise.
    func confirm(_ sequences: [Int64]) {}
    func confirmRefusedOrders(_ orders: [RefusedOrder]) {}
    func active(limit: Int) -> [RunKey] { held }

    nonisolated func onReport(_ body: @escaping @Sendable () -> Void) -> SignalListener { signal.listen(body) }
}
