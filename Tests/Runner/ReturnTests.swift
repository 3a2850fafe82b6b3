// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Logging
import Operations
import Testing

@testable import Runner

/// Runs that have their host start again and wait for it.
@Suite(.timeLimit(.minutes(10)))
struct ReturnTests {
    /// A run that goes in a minute and is to be back in ten.
    private static func awaited(takeBack: [String] = ["true"], goesIn delay: Duration = .seconds(60)) -> AwaitedReturn {
        AwaitedReturn(
            bootID: "one",
            goesAt: noon + delay,
            backBefore: noon + .seconds(600),
            takeBack: takeBack,
            takenBack: [0],
            data: ["action": "reboot"]
        )
    }

    private static func anchor(_ bootID: String) -> ClockAnchor { ClockAnchor(bootID: bootID, offset: 0) }

    /// All that asks for more attempts.
    private static var stubborn: ExecutionPolicy {
        var policy = ExecutionPolicy()
        policy.maxAttempts = 5
        policy.onInterrupt = .rerun
        policy.isExclusive = true
        return policy
    }

    /// A ledger with a run that waits, closed again.
    private func prepare(_ path: String, cancelled: Bool = false) throws {
        let ledger = try Ledger(path: path, now: noon, anchor: Self.anchor("one"))
        try ledger.accept([assignment(1, policy: Self.stubborn)], storeID: "s", now: noon)
        #expect(try ledger.begin(key(1)))
        #expect(try ledger.awaitReturn(of: key(1), Self.awaited()))
        guard cancelled else { return }
        let order = CancelOrder(jobID: key(1).jobID, delivery: 2, grace: nil, requestedBy: "ann")
        #expect(try ledger.accept([.cancel(order)], storeID: "s", now: noon).map(\.key) == [key(1)])
    }

    // MARK: The ledger

    @Test func `a run has completed when the host is back`() async throws {
        try await withLedgerPath { path in
            try prepare(path)
            let ledger = try Ledger(path: path, now: noon + .seconds(90), anchor: Self.anchor("two"))

            let reports = try ledger.allReports()
            #expect(reports.prefix(2).map(\.event) == [.started, .goingDown(bootID: "one")])
            #expect(reports.count == 3)
            let outcome = try #require(reports.last?.outcome)
            #expect(outcome.state == .completed && outcome.changed == true && outcome.error == nil)
            let data: JSONValue = ["action": "reboot", "boot_id_before": "one", "boot_id": "two", "down_ms": 30_000]
            #expect(outcome.data == data)
            #expect(try ledger.active(limit: 9).isEmpty)
        }
    }

    @Test func `a run whose agent alone was started anew goes on waiting, until its time is over`() async throws {
        try await withLedgerPath { path in
            try prepare(path)
            for second in [1, 90, 599] {
                let ledger = try Ledger(path: path, now: noon + .seconds(second), anchor: Self.anchor("one"))
                #expect(try ledger.active(limit: 9) == [key(1)])
                #expect(try ledger.nextHeld() == nil)
                #expect(try ledger.endReturns(now: noon + .seconds(600)) == 0)
            }
            let ledger = try Ledger(path: path, now: noon + .seconds(599), anchor: Self.anchor("one"))
            #expect(try ledger.endReturns(now: noon + .seconds(601)) == 1)

            let outcome = try #require(try ledger.allReports().last?.outcome)
            #expect(outcome.state == .timedOut && outcome.changed == nil)
            #expect(outcome.error?.message == "the host has not gone down in time")
            #expect(try ledger.nextHeld(now: noon + .seconds(999)) == nil, "no attempt follows")
        }
    }

    @Test func `a run whose host is back too late has timed out, and tells that it is back`() async throws {
        try await withLedgerPath { path in
            try prepare(path)
            let ledger = try Ledger(path: path, now: noon + .seconds(900), anchor: Self.anchor("two"))

            let outcome = try #require(try ledger.allReports().last?.outcome)
            #expect(outcome.state == .timedOut && outcome.changed == true)
            #expect(outcome.data?["boot_id"] == "two" && outcome.data?["down_ms"] == 840_000)
        }
    }

    @Test func `a clock that has gone back with the host ends no run early`() async throws {
        try await withLedgerPath { path in
            try prepare(path)
            let ledger = try Ledger(path: path, now: noon + .seconds(-86_400), anchor: Self.anchor("two"))

            let outcome = try #require(try ledger.allReports().last?.outcome)
            #expect(outcome.state == .completed && outcome.data?["down_ms"] == 0)
        }
    }

    @Test func `a host goes once, wherever the agent is cut off`() async throws {
        for bootID in ["one", "two"] {
            for step in 0...2 {
                try await withLedgerPath { path in
                    do {
                        let ledger = try Ledger(path: path, now: noon, anchor: Self.anchor("one"))
                        try ledger.accept([assignment(1, policy: Self.stubborn)], storeID: "s", now: noon)
                        if step > 0 { _ = try ledger.begin(key(1)) }
                        if step > 1 { _ = try ledger.awaitReturn(of: key(1), Self.awaited()) }
                    }
                    let ledger = try Ledger(path: path, now: noon, anchor: Self.anchor(bootID))
                    // The same delivery comes again.
                    try ledger.accept([assignment(1, policy: Self.stubborn)], storeID: "s", now: noon)

                    // Only where the host was not told to go is there anything to be begun.
                    let next = try ledger.nextHeld(now: noon)?.key
                    #expect(next == [key(1), key(1, attempt: 2), nil][step])
                }
            }
        }
    }

    @Test func `a run that was to be cancelled, and whose host went all the same, has completed`() async throws {
        try await withLedgerPath { path in
            try prepare(path, cancelled: true)
            let ledger = try Ledger(path: path, now: noon + .seconds(90), anchor: Self.anchor("two"))

            #expect(try ledger.allReports().last?.outcome?.state == .completed)
            #expect(try ledger.cancelledReturns().isEmpty)
        }
    }

    @Test func `a cancel outlives the agent that was to follow it`() async throws {
        try await withLedgerPath { path in
            try prepare(path, cancelled: true)
            let ledger = try Ledger(path: path, now: noon + .seconds(9), anchor: Self.anchor("one"))

            let found = try ledger.cancelledReturns()
            #expect(found == [CancelledReturn(key: key(1), awaited: Self.awaited(), requestedBy: "ann")])
        }
    }

    @Test func `a wall clock that was set moves the time to wait with it`() async throws {
        try await withLedgerPath { path in
            try prepare(path)
            let day = Duration.seconds(86_400)
            let anchor = ClockAnchor(bootID: "one", offset: day.wholeMilliseconds)
            let ledger = try Ledger(path: path, now: noon + day, anchor: anchor)

            #expect(try ledger.endReturns(now: noon + day + .seconds(600)) == 0)
            #expect(try ledger.endReturns(now: noon + day + .seconds(601)) == 1)
        }
    }

    // MARK: The runner

    /// An operation that notes that the host goes, and whatever a test does after that.
    private struct Reboot: Operations.Operation {
        let type = "test"
        let canDryRun = true
        let awaited: AwaitedReturn
        var then: @Sendable () async throws -> RunOutcome = { RunOutcome(state: .completed, changed: true) }

        func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome {
            guard parameters["goes"] == true else { return RunOutcome(state: .completed) }
            guard let watch = context.returnWatch else { return RunOutcome(state: .skipped) }
            try await watch.note(awaited)
            return try await then()
        }
    }

    /// Calls `body` with a runner, and answers the ledger that it leaves.
    private func withRunner(
        _ operation: Reboot,
        bootID: String? = "one",
        time: TestTime = TestTime(),
        path: String,
        _ body: @escaping @Sendable (Runner) async throws -> Void
    ) async throws -> Ledger {
        let ledger = try Ledger(path: path, now: time.read(), anchor: bootID.map(Self.anchor))
        var configuration = Runner.Configuration()
        configuration.sweepInterval = .milliseconds(20)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let context = OperationContext(logger: logger, now: { time.read() })
        let runner = Runner(
            ledger: ledger,
            operations: OperationSet([operation]),
            context: context,
            configuration: configuration
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runner.run() }
            try await body(runner)
            group.cancelAll()
        }
        return ledger
    }

    private func going(_ delivery: UInt64) -> Assignment {
        assignment(delivery, data: ["goes": true], policy: Self.stubborn)
    }

    @Test func `nothing of a run that waits ends with the agent, and no other changes the host meanwhile`() async throws
    {
        try await withLedgerPath { path in
            let time = TestTime()
            let ledger = try await withRunner(Reboot(awaited: Self.awaited()), time: time, path: path) { runner in
                try await runner.accept([going(1), assignment(2, policy: Self.stubborn), assignment(3)], storeID: "s")
                let seen = try await reports(of: runner) { $0.hasEnd(of: key(3)) }
                #expect(seen.filter { $0.jobID == key(1).jobID }.map(\.event) == [.started, .goingDown(bootID: "one")])
            }

            #expect(try ledger.active(limit: 9) == [key(1), key(2)])
            #expect(try ledger.allReports().filter { $0.jobID == key(2).jobID }.isEmpty)
        }
    }

    @Test func `a run that is cancelled in time keeps its host`() async throws {
        try await withTemporaryDirectory { directory in
            let awaited = Self.awaited(takeBack: ["touch", directory + "/taken-back"])
            _ = try await withRunner(Reboot(awaited: awaited), path: directory + "/ledger") { runner in
                try await runner.accept([going(1), assignment(2, policy: Self.stubborn)], storeID: "s")
                _ = try await reports(of: runner) { $0.count == 2 }
                let order = CancelOrder(jobID: key(1).jobID, delivery: 3, grace: nil, requestedBy: "ann")
                try await runner.accept([.accepted(.cancel(order))], storeID: "s")

                let seen = try await reports(of: runner) { $0.hasEnd(of: key(2)) }
                let outcome = try #require(seen.first { $0.jobID == key(1).jobID && $0.outcome != nil }?.outcome)
                #expect(outcome.state == .cancelled && outcome.changed == false)
                #expect(outcome.error?.message == "cancelled by ann before the host went down")
                #expect(FileManager.default.fileExists(atPath: directory + "/taken-back"))
            }
        }
    }

    @Test(arguments: [["false"], ["true"]])
    func `a host that cannot be kept, or is on its way, goes`(_ takeBack: [String]) async throws {
        try await withLedgerPath { path in
            let time = TestTime()
            let awaited = Self.awaited(takeBack: takeBack, goesIn: takeBack == ["true"] ? .zero : .seconds(60))
            let ledger = try await withRunner(Reboot(awaited: awaited), time: time, path: path) { runner in
                try await runner.accept([going(1)], storeID: "s")
                _ = try await reports(of: runner) { $0.count == 2 }
                let order = CancelOrder(jobID: key(1).jobID, delivery: 3, grace: nil, requestedBy: "ann")
                try await runner.accept([.accepted(.cancel(order)), .accepted(.run(assignment(4)))], storeID: "s")
                _ = try await reports(of: runner) { $0.hasEnd(of: key(4)) }
            }
            #expect(try ledger.active(limit: 9) == [key(1)])
        }
    }

    @Test func `a host that could not be told to go is waited for no longer, and not told again`() async throws {
        try await withLedgerPath { path in
            let failure = RunOutcome(state: .failed, error: RunError(code: "tool_failed", message: "no"))
            let operation = Reboot(awaited: Self.awaited()) { failure }
            let ledger = try await withRunner(operation, path: path) { runner in
                try await runner.accept([going(1)], storeID: "s")
                let seen = try await reports(of: runner) { $0.count == 3 }
                #expect(seen.last?.outcome == failure)
            }
            #expect(try ledger.nextHeld(now: noon + .seconds(60)) == nil)
        }
    }

    @Test func `the time to wait ends while the agent runs`() async throws {
        try await withLedgerPath { path in
            let time = TestTime()
            _ = try await withRunner(Reboot(awaited: Self.awaited()), time: time, path: path) { runner in
                try await runner.accept([going(1)], storeID: "s")
                _ = try await reports(of: runner) { $0.count == 2 }
                time.advance(by: .seconds(601))
                let seen = try await reports(of: runner) { $0.count == 3 }
                #expect(seen.last?.outcome?.state == .timedOut)
            }
        }
    }

    @Test func `where the kernel names no starts, no run can wait for one`() async throws {
        try await withLedgerPath { path in
            _ = try await withRunner(Reboot(awaited: Self.awaited()), bootID: nil, path: path) { runner in
                try await runner.accept([going(1)], storeID: "s")
                let seen = try await reports(of: runner) { $0.last?.outcome != nil }
                #expect(seen.last?.outcome?.state == .skipped)
            }
        }
    }
}

extension [RunReport] {
    /// Whether a run has ended.
    fileprivate func hasEnd(of key: RunKey) -> Bool { contains { $0.jobID == key.jobID && $0.outcome != nil } }
}
