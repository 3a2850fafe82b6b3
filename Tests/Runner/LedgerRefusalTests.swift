// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Runner

/// What the ledger keeps of runs that are not executed.
struct LedgerRefusalTests {
    private func refused(_ number: UInt64, delivery: UInt64? = nil) -> Arrival {
        .refusedRun(
            RefusedRun(key: key(number), delivery: delivery ?? number, refusal: .signature, message: "no key fits")
        )
    }

    private func order(_ delivery: UInt64, _ message: String = "no key fits") -> RefusedOrder {
        RefusedOrder(
            jobID: key(1).jobID,
            delivery: delivery,
            error: RunError(code: Refusal.signature.rawValue, message: message)
        )
    }

    @Test func `an order that is refused is held and remembered until the controller knows, over restarts`()
        async throws
    {
        try await withLedgerPath { path in
            do {
                let ledger = try Ledger(path: path, now: noon)
                try ledger.accept([.refusedOrder(order(2)), .accepted(.run(assignment(1)))], storeID: "s", now: noon)
                try ledger.accept([.refusedOrder(order(2)), .refusedOrder(order(3))], storeID: "s", now: noon)
            }
            let ledger = try Ledger(path: path, now: noon)
            #expect(try ledger.position().refusedOrders == [order(2), order(3)])
            #expect(try ledger.position().held == 3)

            try ledger.confirmRefusedOrders([order(2), order(9)])
            #expect(try ledger.position().refusedOrders == [order(3)])
            try ledger.accept([assignment(4)], storeID: "another", now: noon)
            #expect(try ledger.position().refusedOrders.isEmpty, "the numbers are another store's")
        }
    }

    @Test func `of many refused orders the last few are remembered, each in a few bytes`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let long = String(repeating: "é", count: 10_000)

            for number in 1...200 as ClosedRange<UInt64> {
                try ledger.accept([.refusedOrder(order(number, long))], storeID: "s", now: noon)
            }

            let kept = try ledger.position().refusedOrders
            #expect(kept.map(\.delivery) == Array(137...200))
            #expect(kept.allSatisfy { $0.error.message.count == 200 })
        }
    }

    @Test func `a run that is refused is held, has ended, and is told once`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)

            try ledger.accept([refused(1), .refusedOrder(order(2))], storeID: "s", now: noon)
            try ledger.accept([refused(1, delivery: 3)], storeID: "s", now: noon)

            #expect(try ledger.position().held == 3)
            #expect(try ledger.nextHeld() == nil)
            #expect(try ledger.allReports().map(\.event) == [.ended(Refusal.signature.outcome("no key fits").digested)])
        }
    }

    @Test func `a refusal changes nothing about a run that is held`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1)], storeID: "s", now: noon)

            try ledger.accept([refused(1, delivery: 2)], storeID: "s", now: noon)

            #expect(try ledger.nextHeld()?.key == key(1))
            #expect(try ledger.allReports().isEmpty)
        }
    }

    @Test func `a run of which the ledger may have forgotten that it was executed is refused`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1), assignment(2, startWithin: .seconds(90))], storeID: "s", now: noon)
            for number in 1...2 as ClosedRange<UInt64> {
                try ledger.finish(key(number), with: RunOutcome(state: .completed), now: noon)
            }
            try ledger.confirm(try ledger.allReports().map(\.sequence))
            #expect(try ledger.prune(endedBefore: noon + .seconds(100)) == 2)
            #expect(try ledger.prune(endedBefore: noon + .seconds(200)) == 0)

            let late = assignment(3, startWithin: .seconds(91))
            try ledger.accept([assignment(1), assignment(2, startWithin: .seconds(90)), late], storeID: "s", now: noon)

            #expect(try ledger.nextHeld()?.key == key(3), "what it cannot have executed")
            let outcomes = try ledger.allReports().compactMap(\.outcome)
            #expect(outcomes.map(\.error?.code) == ["refused_deadline", "refused_deadline"])
            #expect(outcomes.allSatisfy { $0.state == .failed && $0.changed == false })
        }
    }

    @Test func `what is remembered of a time that was forgotten only ever rises`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            for (number, seconds) in [(1, 90), (2, 9)] as [(UInt64, Int)] {
                try ledger.accept([assignment(number, startWithin: .seconds(seconds))], storeID: "s", now: noon)
                try ledger.finish(key(number), with: RunOutcome(state: .completed), now: noon)
                try ledger.confirm(try ledger.allReports().map(\.sequence))
                #expect(try ledger.prune(endedBefore: noon + .seconds(100)) == 1)
            }

            try ledger.accept([assignment(3, startWithin: .seconds(90))], storeID: "s", now: noon)

            #expect(try ledger.nextHeld() == nil)
        }
    }

    @Test func `who submitted a job is known when it begins, and in each attempt`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            var policy = ExecutionPolicy()
            policy.maxAttempts = 2
            let run = assignment(1, policy: policy, submittedBy: "ann")
            try ledger.accept([run, assignment(2)], storeID: "s", now: noon)

            #expect(try ledger.nextHeld()?.submittedBy == "ann")
            #expect(try ledger.begin(key(1)))
            #expect(try ledger.nextHeld()?.submittedBy == nil)
            #expect(try ledger.begin(key(2)))
            try ledger.finish(key(1), with: RunOutcome(state: .failed), now: noon)
            #expect(try ledger.nextHeld(now: noon)?.submittedBy == "ann")
        }
    }

    @Test func `the trace of a job is known when it begins, after a restart, and in each attempt`() async throws {
        try await withLedgerPath { path in
            let trace = try #require(TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
            var policy = ExecutionPolicy()
            policy.maxAttempts = 2
            do {
                let ledger = try Ledger(path: path, now: noon)
                let run = assignment(1, policy: policy, trace: trace)
                try ledger.accept([run, assignment(2)], storeID: "s", now: noon)
            }
            let ledger = try Ledger(path: path, now: noon)

            #expect(try ledger.nextHeld()?.trace == trace)
            #expect(try ledger.begin(key(1)))
            #expect(try ledger.nextHeld()?.trace == nil)
            #expect(try ledger.begin(key(2)))
            try ledger.finish(key(1), with: RunOutcome(state: .failed), now: noon)
            #expect(try ledger.nextHeld(now: noon)?.trace == trace)
        }
    }
}
