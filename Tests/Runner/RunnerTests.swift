// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Logging
import Operations
import ServiceLifecycle
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(10)))
struct RunnerTests {
    /// Calls `body` with a runner that executes runs until `body` returns.
    private func withRunner<Value: Sendable>(
        _ operation: TestOperation,
        limit: Int = 8,
        time: TestTime = TestTime(),
        path: String? = nil,
        _ body: @escaping @Sendable (Runner) async throws -> Value
    ) async throws -> Value {
        try await withLedgerPath { fresh in
            let ledger = try Ledger(path: path ?? fresh, now: time.read())
            let runner = Self.runner(ledger, operation, limit: limit, time: time)
            return try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask {
                    await runner.run()
                    return nil
                }
                group.addTask { try await body(runner) }
                defer { group.cancelAll() }
                while let value = try await group.next() {
                    if let value { return value }
                }
                throw CancellationError()
            }
        }
    }

    private static func runner(
        _ ledger: Ledger,
        _ operation: TestOperation,
        limit: Int = 8,
        time: TestTime = TestTime(),
        policy: Runner.ShutdownPolicy = .wait,
        patience: Duration = .seconds(60)
    ) -> Runner {
        var configuration = Runner.Configuration()
        configuration.maximumConcurrentRuns = limit
        configuration.sweepInterval = .milliseconds(20)
        configuration.shutdownPolicy = policy
        configuration.shutdownPatience = patience
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let context = OperationContext(logger: logger, now: { time.read() })
        return Runner(
            ledger: ledger,
            operations: OperationSet([operation]),
            context: context,
            configuration: configuration
        )
    }

    private func gated(_ gate: Gate) -> TestOperation {
        TestOperation { data in
            await gate.enter(data["number"]?.int ?? 0)
            return RunOutcome(state: .completed, changed: true, data: data)
        }
    }

    private func numbered(_ numbers: ClosedRange<UInt64>) -> [Assignment] {
        numbers.map { assignment($0, data: ["number": .int(Int64($0))]) }
    }

    @Test func `runs are executed in the order of delivery, so many at once`() async throws {
        let gate = Gate()
        try await withRunner(gated(gate), limit: 3) { [self] runner in
            try await runner.accept(Array(numbered(1...10).reversed()), storeID: "s")
            await gate.hasBegun(3)
            #expect(await Set(gate.begun) == [1, 2, 3])
            #expect(try await runner.active(limit: 99).count == 10)

            for done in 1...10 {
                await gate.open()
                let all = try await reports(of: runner) { $0.filter { $0.outcome != nil }.count == done }
                let begun = all.count - done
                #expect(begun <= min(10, done + 3))
            }
            let all = try await runner.pendingReports(after: 0, limit: 99, maximumBytes: 1 << 20)
            #expect(all.filter { $0.outcome == nil }.map(\.jobID) == (1...10).map { key($0).jobID })
            #expect(try await runner.active(limit: 99).isEmpty)
        }
        #expect(await Set(gate.begun) == Set(1...10))
        #expect(await gate.begun.count == 10)
    }

    @Test func `a delivery that comes twice is executed once`() async throws {
        let gate = Gate()
        try await withRunner(gated(gate), limit: 1) { [self] runner in
            try await runner.accept(numbered(1...1), storeID: "s")
            await gate.hasBegun(1)
            try await runner.accept(numbered(1...2), storeID: "s")
            await gate.open()
            await gate.hasBegun(2)
            try await runner.accept(numbered(1...2), storeID: "s")
            await gate.open()
            let all = try await reports(of: runner) { $0.count == 4 }

            #expect(all.map(\.jobID) == [1, 1, 2, 2].map { key($0).jobID })
            #expect(all[1].outcome == RunOutcome(state: .completed, changed: true, data: ["number": 1]))
            try await runner.confirm(all.map(\.sequence))
            #expect(try await runner.pendingReports(after: 0, limit: 9, maximumBytes: 999).isEmpty)
        }
        #expect(await gate.begun == [1, 2])
    }

    @Test func `a run whose time is over expires while others take the places`() async throws {
        let gate = Gate()
        let time = TestTime()
        try await withRunner(gated(gate), limit: 1, time: time) { runner in
            let data: JSONValue = ["number": 1]
            try await runner.accept([assignment(1, data: data), assignment(2)], storeID: "s")
            await gate.hasBegun(1)
            time.advance(by: .seconds(61))
            let all = try await reports(of: runner) { $0.contains { $0.outcome != nil } }

            #expect(all.last?.jobID == key(2).jobID)
            #expect(all.last?.outcome?.state == .expired)
            #expect(all.last?.outcome?.error?.code == "not_started_in_time")
            await gate.open()
        }
        #expect(await gate.begun == [1])
    }

    @Test func `an operation that throws fails, an unknown one too`() async throws {
        struct Surprise: Error {}
        try await withRunner(TestOperation { _ in throw Surprise() }) { runner in
            try await runner.accept([assignment(1), assignment(2, type: "other")], storeID: "s")
            let all = try await reports(of: runner) { $0.count == 4 }
            let errors = all.compactMap { $0.outcome?.error?.code }

            #expect(Set(errors) == ["internal_error", "unknown_operation"])
            #expect(all.compactMap(\.outcome).allSatisfy { $0.state == .failed })
        }
    }

    @Test func `what was held at the end is executed after the next start`() async throws {
        try await withLedgerPath { path in
            try Ledger(path: path, now: noon).accept([assignment(1), assignment(2)], storeID: "s", now: noon)
            try await withRunner(TestOperation { _ in RunOutcome(state: .completed) }, path: path) { runner in
                let all = try await reports(of: runner) { $0.count == 4 }
                #expect(all.allSatisfy { $0.outcome == nil || $0.outcome?.state == .completed })
                #expect(try await runner.position == DeliveryPosition(storeID: "s", held: 2))
            }
        }
    }

    @Test func `a graceful shutdown lets runs end and begins no more`() async throws {
        try await withLedgerPath { path in
            let gate = Gate()
            let ledger = try Ledger(path: path, now: noon)
            let runner = Self.runner(ledger, gated(gate), limit: 1)
            try await runner.accept(numbered(1...2), storeID: "s")
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let services = ServiceGroup(
                configuration: .init(
                    services: [.init(service: runner, successTerminationBehavior: .gracefullyShutdownGroup)],
                    logger: logger
                )
            )

            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await services.run() }
                await gate.hasBegun(1)
                await services.triggerGracefulShutdown()
                // The group tells its services in its own time.
                while !runner.isEnding { await Task.yield() }
                await gate.open()
            }

            let all = try ledger.allReports()
            #expect(all.map(\.jobID) == [1, 1].map { key($0).jobID })
            #expect(all.last?.outcome?.state == .completed)
            #expect(try ledger.active(limit: 9) == [key(2)])
        }
    }

    @Test func `a run that does not end at shutdown is cancelled and stored as interrupted`() async throws {
        try await withLedgerPath { path in
            let gate = Gate()
            let ledger = try Ledger(path: path, now: noon)
            let operation = TestOperation { _ in
                await gate.note(1)
                try? await Task.sleep(for: .seconds(600))
                return RunOutcome(state: .cancelled, data: ["so": "far"])
            }
            let runner = Self.runner(ledger, operation, patience: .milliseconds(50))
            try await runner.accept([assignment(1)], storeID: "s")
            let services = ServiceGroup(
                services: [runner],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )

            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await services.run() }
                await gate.hasBegun(1)
                await services.triggerGracefulShutdown()
            }

            let outcome = try #require(try ledger.allReports().last?.outcome)
            #expect(outcome.state == .failed)
            #expect(outcome.error?.code == "interrupted")
            #expect(outcome.data == ["so": "far"])
        }
    }

    @Test(arguments: [Runner.ShutdownPolicy.end, .leave])
    func `a shutdown that does not wait ends what runs or leaves it running`(policy: Runner.ShutdownPolicy) async throws
    {
        try await withTemporaryDirectory { directory in
            let ledger = try Ledger(path: directory + "/ledger.sqlite", now: noon)
            var configuration = Runner.Configuration()
            configuration.shutdownPolicy = policy
            configuration.shutdownPatience = .seconds(3600)
            let context = OperationContext(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let runner = Runner(ledger: ledger, context: context, configuration: configuration)
            let command = "echo $$ > \(directory)/new; mv \(directory)/new \(directory)/pid; exec sleep 600"
            let data: JSONValue = ["command": .string(command)]
            try await runner.accept([assignment(1, type: "command.shell", data: data)], storeID: "s")
            let services = ServiceGroup(services: [runner], logger: context.logger)

            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await services.run() }
                while !FileManager.default.fileExists(atPath: directory + "/pid") {
                    try await Task.sleep(for: .milliseconds(10))
                }
                await services.triggerGracefulShutdown()
            }

            let text = try String(contentsOfFile: directory + "/pid", encoding: .utf8)
            let pid = try #require(Int32(text.dropLast()))
            defer { if policy == .leave { kill(pid, SIGKILL) } }
            let outcome = try #require(try ledger.allReports().last?.outcome)
            #expect(outcome.state == .failed)
            #expect(outcome.error?.code == "interrupted")
            #expect(outcome.error?.message.hasPrefix("left running") == (policy == .leave))
            #expect((kill(pid, 0) == 0) == (policy == .leave))
        }
    }

    @Test func `a full disk holds runs back until there is room`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let data = JSONValue.string(String(repeating: "x", count: 1_000_000))
            let runner = Self.runner(ledger, TestOperation { _ in RunOutcome(state: .completed, data: data) })
            let pages = try ledger.pragma("page_count")
            _ = try ledger.pragma("max_page_count = \(pages + 8)")
            try await runner.accept([assignment(1)], storeID: "s")

            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await runner.run() }
                _ = try await reports(of: runner) { !$0.isEmpty }
                try await Task.sleep(for: .milliseconds(200))
                #expect(try await runner.active(limit: 9) == [key(1)])
                await #expect(throws: LedgerError.self) {
                    try await runner.accept([assignment(2, data: data)], storeID: "s")
                }
                #expect(try await runner.position.held == 1)

                _ = try ledger.pragma("max_page_count = 1000000")
                let all = try await reports(of: runner) { $0.count == 2 }
                #expect(all.last?.outcome?.data == data)
                group.cancelAll()
            }
        }
    }
}

extension Ledger {
    /// Runs a pragma that answers a number.
    fileprivate func pragma(_ text: String) throws -> Int64 {
        try use { (database) throws(LedgerError) in
            try database.first("PRAGMA \(text)") { $0.integer(0) } ?? 0
        }
    }
}
