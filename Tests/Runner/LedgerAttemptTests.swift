// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Runner

/// What the ledger makes of attempts, orders to cancel, go-aheads and exclusive runs.
struct LedgerAttemptTests {
    private let failed = RunOutcome(state: .failed, error: RunError(code: "non_zero_exit", message: "exit code 1"))
    private let interrupted = RunError(code: "interrupted", message: "")

    private func policy(_ change: (inout ExecutionPolicy) -> Void) -> ExecutionPolicy {
        var policy = ExecutionPolicy()
        change(&policy)
        return policy
    }

    private func cancel(_ number: UInt64, delivery: UInt64) -> Delivery {
        .cancel(CancelOrder(jobID: key(number).jobID, delivery: delivery, grace: .seconds(1), requestedBy: "ann"))
    }

    // MARK: Attempts

    @Test func `a run that fails is held again for its next attempt, after its pause`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let policy = policy { ($0.maxAttempts, $0.backoff) = (3, .seconds(10)) }
            try ledger.accept([assignment(1, policy: policy)], storeID: "s", now: noon)

            #expect(try ledger.begin(key(1)))
            try ledger.finish(key(1), with: failed, now: noon)
            #expect(try ledger.nextHeld(now: noon + .seconds(9)) == nil)
            let second = try ledger.nextHeld(now: noon + .seconds(10))
            #expect(second?.key == key(1, attempt: 2) && second?.operation == assignment(1).operation)
            #expect(try ledger.begin(key(1, attempt: 2)))
            try ledger.finish(key(1, attempt: 2), with: failed, now: noon + .seconds(10))
            #expect(try ledger.nextHeld(now: noon + .seconds(29)) == nil, "the pause doubles")
            #expect(try ledger.begin(key(1, attempt: 3)))
            try ledger.finish(key(1, attempt: 3), with: failed, now: noon + .seconds(31))

            #expect(try ledger.active(limit: 9).isEmpty)
            let events = try ledger.allReports().map { "\($0.attempt) \($0.event.name)" }
            #expect(events == ["1 started", "1 retrying", "2 started", "2 retrying", "3 started", "3 ended"])
        }
    }

    @Test func `what is confirmed of an attempt takes nothing from the next one`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let run = assignment(1, data: ["a": 1], policy: policy { $0.maxAttempts = 2 })
            try ledger.accept([run], storeID: "s", now: noon)
            #expect(try ledger.begin(key(1)))
            try ledger.finish(key(1), with: failed, now: noon)
            try ledger.confirm(try ledger.allReports().map(\.sequence))
            _ = try ledger.prune(endedBefore: noon + .seconds(1))

            #expect(try ledger.nextHeld(now: noon)?.operation == run.operation)
        }
    }

    @Test func `no attempt begins after the time to start is over`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let policy = policy { ($0.maxAttempts, $0.backoff) = (9, .seconds(40)) }
            try ledger.accept([assignment(1, startWithin: .seconds(60), policy: policy)], storeID: "s", now: noon)
            #expect(try ledger.begin(key(1)))
            try ledger.finish(key(1), with: failed, now: noon + .seconds(30))

            #expect(try ledger.active(limit: 9).isEmpty)
            #expect(try ledger.allReports().last?.outcome == failed)
        }
    }

    @Test func `an attempt that waits too long fails, since one before it was made`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1, policy: policy { $0.maxAttempts = 2 })], storeID: "s", now: noon)
            #expect(try ledger.begin(key(1)))
            try ledger.finish(key(1), with: failed, now: noon)
            #expect(try ledger.expireHeld(now: noon + .seconds(61)) == 1)

            let outcome = try ledger.allReports().last?.outcome
            #expect(outcome?.state == .failed && outcome?.error?.code == "not_started_in_time")
        }
    }

    @Test(arguments: [InterruptPolicy.fail, .rerun])
    func `a crash in mid-run is followed by the next attempt only where the job says so`(
        onInterrupt: InterruptPolicy
    ) async throws {
        try await withLedgerPath { path in
            do {
                let ledger = try Ledger(path: path, now: noon)
                let policy = policy { ($0.maxAttempts, $0.onInterrupt) = (4, onInterrupt) }
                try ledger.accept([assignment(1, policy: policy)], storeID: "s", now: noon)
                #expect(try ledger.begin(key(1)))
            }
            let reopened = try Ledger(path: path, now: noon + .seconds(1))

            let next = try reopened.nextHeld(now: noon + .seconds(1))?.key
            #expect(next == (onInterrupt == .rerun ? key(1, attempt: 2) : nil))
            let event = try reopened.allReports().last?.event
            #expect(event?.name == (onInterrupt == .rerun ? "retrying" : "ended"))
            #expect(event?.outcome?.error?.code == "interrupted")
        }
    }

    // MARK: Orders

    @Test func `a run that has not begun ends with the order to cancel it`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let toCancel = try ledger.accept(
                [.run(assignment(1)), cancel(1, delivery: 2)],
                storeID: "s",
                now: noon
            )

            #expect(toCancel.isEmpty)
            #expect(try ledger.nextHeld(now: noon) == nil)
            let outcome = try ledger.allReports().last?.outcome
            #expect(outcome?.state == .cancelled && outcome?.error?.message == "cancelled by ann before it began")
            #expect(try ledger.position().held == 2)
        }
    }

    @Test func `a run that is cancelled between two attempts says before which`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let policy = policy { ($0.maxAttempts, $0.backoff) = (3, .seconds(30)) }
            try ledger.accept([assignment(1, policy: policy)], storeID: "s", now: noon)
            #expect(try ledger.begin(key(1)))
            try ledger.finish(key(1), with: failed, now: noon)
            _ = try ledger.accept([cancel(1, delivery: 2)], storeID: "s", now: noon)

            let outcome = try ledger.allReports().last?.outcome
            #expect(outcome?.error?.message == "cancelled by ann before attempt 2 began" && outcome?.changed == nil)
        }
    }

    @Test func `a run that goes on is named to be ended, and a crash does not bring it back`() async throws {
        try await withLedgerPath { path in
            do {
                let ledger = try Ledger(path: path, now: noon)
                let run = assignment(1, policy: policy { ($0.maxAttempts, $0.onInterrupt) = (5, .rerun) })
                try ledger.accept([run], storeID: "s", now: noon)
                #expect(try ledger.begin(key(1)))
                let toCancel = try ledger.accept([cancel(1, delivery: 2)], storeID: "s", now: noon)
                #expect(toCancel.map(\.key) == [key(1)] && toCancel.first?.order.grace == .seconds(1))
            }
            let reopened = try Ledger(path: path, now: noon)

            #expect(try reopened.active(limit: 9).isEmpty)
            #expect(try reopened.allReports().last?.outcome?.state == .cancelled)
        }
    }

    @Test func `a run that was to be cancelled and fails by itself is not tried again`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1, policy: policy { $0.maxAttempts = 5 })], storeID: "s", now: noon)
            #expect(try ledger.begin(key(1)))
            _ = try ledger.accept([cancel(1, delivery: 2)], storeID: "s", now: noon)
            try ledger.finish(key(1), with: failed, now: noon)

            #expect(try ledger.active(limit: 9).isEmpty)
        }
    }

    @Test func `an order about what has ended or was never there changes nothing`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1)], storeID: "s", now: noon)
            #expect(try ledger.begin(key(1)))
            try ledger.finish(key(1), with: failed, now: noon)
            let before = try ledger.allReports()
            let toCancel = try ledger.accept(
                [cancel(1, delivery: 2), cancel(77, delivery: 3), .go(GoOrder(jobID: key(78).jobID, delivery: 4))],
                storeID: "s",
                now: noon
            )

            #expect(toCancel.isEmpty)
            #expect(try ledger.allReports() == before)
            #expect(try ledger.position().held == 4)
        }
    }

    @Test func `a run that waits for its go-ahead begins with it and not before`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1, policy: policy { $0.awaitsGo = true })], storeID: "s", now: noon)
            #expect(try ledger.nextHeld(now: noon) == nil)
            #expect(try ledger.active(limit: 9) == [key(1)])

            try ledger.accept([.go(GoOrder(jobID: key(1).jobID, delivery: 2))], storeID: "s", now: noon)
            #expect(try ledger.nextHeld(now: noon)?.key == key(1))
        }
    }

    @Test func `an exclusive run is passed over while another goes on, and others are not`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let exclusive = policy { $0.isExclusive = true }
            try ledger.accept(
                [assignment(1, policy: exclusive), assignment(2, policy: exclusive), assignment(3)],
                storeID: "s",
                now: noon
            )

            #expect(try ledger.nextHeld(now: noon)?.key == key(1))
            #expect(try ledger.begin(key(1)))
            #expect(try ledger.nextHeld(now: noon, allowingExclusive: false)?.key == key(3))
            try ledger.finish(key(1), with: failed, now: noon)
            #expect(try ledger.nextHeld(now: noon)?.key == key(2))
        }
    }

    @Test func `each attempt of a dry run is one`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let dry = policy {
                $0.isDryRun = true
                $0.maxAttempts = 2
            }
            try ledger.accept([assignment(1, policy: dry)], storeID: "s", now: noon)
            _ = try ledger.begin(key(1))
            try ledger.finish(key(1), with: failed, now: noon)

            let second = try #require(try ledger.nextHeld(now: noon))
            #expect(second.key == key(1, attempt: 2))
            #expect(second.isDryRun)
        }
    }

    // MARK: Clocks

    @Test func `a wall clock that was set between two starts moves no time to start`() async throws {
        try await withLedgerPath { path in
            let twoDays = Duration.seconds(172_800)
            do {
                let ledger = try Ledger(path: path, now: noon, anchor: ClockAnchor(bootID: "b", offset: 1000))
                try ledger.accept([assignment(1, startWithin: .seconds(60))], storeID: "s", now: noon)
            }
            let offset = 1000 + twoDays.wholeMilliseconds
            let reopened = try Ledger(
                path: path,
                now: noon + twoDays,
                anchor: ClockAnchor(bootID: "b", offset: offset)
            )

            #expect(try reopened.expireHeld(now: noon + twoDays + .seconds(59)) == 0)
            #expect(try reopened.expireHeld(now: noon + twoDays + .seconds(61)) == 1)
        }
    }
}

extension RunReport.Event {
    fileprivate var name: String {
        switch self {
        case .started: "started"
        case .goingDown: "going_down"
        case .ended: "ended"
        case .retrying: "retrying"
        }
    }

    fileprivate var outcome: RunOutcome? {
        switch self {
        case .started, .goingDown: nil
        case .ended(let outcome), .retrying(let outcome, _): outcome.with(nil)
        }
    }
}
