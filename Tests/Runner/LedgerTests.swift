// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Runner

struct LedgerTests {
    @Test func `what is accepted is held in the order of delivery`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            #expect(try ledger.position() == DeliveryPosition(storeID: nil, held: 0))

            try ledger.accept([assignment(2), assignment(1, data: ["a": 1])], storeID: "s", now: noon)
            try ledger.accept([assignment(3)], storeID: "s", now: noon)

            #expect(try ledger.position() == DeliveryPosition(storeID: "s", held: 3))
            #expect(try ledger.active(limit: 10) == [key(1), key(2), key(3)])
            #expect(try ledger.active(limit: 2) == [key(1), key(2)])
            let first = try #require(try ledger.nextHeld())
            #expect(first.key == key(1))
            #expect(first.operation == OperationRequest(type: "test", data: ["a": 1]))
        }
    }

    @Test func `a run begins once and a known one is passed over`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1)], storeID: "s", now: noon)

            #expect(try ledger.begin(key(1)))
            #expect(try !ledger.begin(key(1)))
            try ledger.accept([assignment(1)], storeID: "s", now: noon)
            #expect(try ledger.nextHeld() == nil)
            #expect(try ledger.finish(key(1), with: RunOutcome(state: .completed), now: noon))
            #expect(try !ledger.finish(key(1), with: RunOutcome(state: .failed), now: noon))
            try ledger.accept([assignment(1)], storeID: "s", now: noon)
            #expect(try !ledger.begin(key(1)))
            #expect(try ledger.nextHeld() == nil)
            #expect(try ledger.begin(key(7)) == false)

            try ledger.accept([assignment(1, attempt: 2)], storeID: "s", now: noon)
            #expect(try ledger.nextHeld()?.key == key(1, attempt: 2))
        }
    }

    @Test func `reports come in order, whole, until they are confirmed`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let outcome = RunOutcome(
                state: .failed,
                changed: false,
                error: RunError(code: "non_zero_exit", message: "exit code 1: ä\0"),
                data: ["stdout": "x\0y", "exit_code": 1, "list": [1.5, nil, true]]
            )
            try ledger.accept([assignment(1), assignment(2)], storeID: "s", now: noon)
            #expect(try ledger.hasReports() == false)
            #expect(try ledger.begin(key(1)))
            #expect(try ledger.begin(key(2)))
            try ledger.finish(key(2), with: RunOutcome(state: .completed, changed: true), now: noon)
            try ledger.finish(key(1), with: outcome, now: noon)

            let reports = try ledger.allReports()
            #expect(reports.map(\.jobID) == [key(1), key(2), key(2), key(1)].map(\.jobID))
            #expect(reports.map(\.sequence) == reports.map(\.sequence).sorted())
            #expect(reports[0].event == .started)
            #expect(reports[2].outcome == RunOutcome(state: .completed, changed: true))
            #expect(reports[3].outcome == outcome)
            #expect(try ledger.allReports() == reports)

            try ledger.confirm([reports[0].sequence, reports[3].sequence, 999])
            #expect(try ledger.allReports() == [reports[1], reports[2]])
            try ledger.confirm([reports[1].sequence, reports[2].sequence])
            #expect(try ledger.hasReports() == false)
            #expect(try !ledger.begin(key(1)))
        }
    }

    @Test func `confirmed runs give up their data, and numbers of reports are not used again`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1), assignment(2)], storeID: "s", now: noon)
            let data = JSONValue.string(String(repeating: "x", count: 100_000))
            try ledger.finish(key(1), with: RunOutcome(state: .completed, data: data), now: noon)
            let last = try #require(try ledger.allReports().last?.sequence)
            try ledger.confirm([last])

            let kept = try ledger.use { (database) throws(LedgerError) in
                try database.first("SELECT count(*), count(data) FROM runs WHERE state = 'ended'") { row in
                    [row.integer(0), row.integer(1)]
                }
            }
            #expect(kept == [1, 0])
            #expect(try ledger.begin(key(2)))
            #expect(try (ledger.allReports().first?.sequence ?? 0) > last)
        }
    }

    @Test func `a batch of reports is bounded by number and by bytes`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept((1...5).map { assignment($0) }, storeID: "s", now: noon)
            let data = JSONValue.string(String(repeating: "x", count: 10_000))
            for number in 1...5 as ClosedRange<UInt64> {
                try ledger.finish(key(number), with: RunOutcome(state: .completed, data: data), now: noon)
            }

            #expect(try ledger.pendingReports(limit: 2, maximumBytes: 1 << 20).count == 2)
            #expect(try ledger.pendingReports(limit: 9, maximumBytes: 25_000).count == 2)
            #expect(try ledger.pendingReports(limit: 9, maximumBytes: 1).count == 1)
            let all = try ledger.allReports().map(\.sequence)
            #expect(
                try ledger.pendingReports(after: all[2], limit: 9, maximumBytes: 1 << 20).map(\.sequence)
                    == all.suffix(2)
            )
        }
    }

    @Test func `reports are confirmed in the transaction that takes work in`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1)], storeID: "s", now: noon)
            try ledger.finish(key(1), with: RunOutcome(state: .completed), now: noon)
            let sequence = try #require(try ledger.allReports().last?.sequence)

            try ledger.accept([.accepted(.run(assignment(2)))], confirming: [sequence, 999], storeID: "s", now: noon)

            #expect(try ledger.allReports().isEmpty)
            #expect(try ledger.position().held == 2)
            #expect(try ledger.prune(endedBefore: noon + .seconds(1_000_000)) == 1)
        }
    }

    @Test func `another store begins with its own numbers`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(40)], storeID: "old", now: noon)
            try ledger.accept([assignment(3)], storeID: "new", now: noon)
            #expect(try ledger.position() == DeliveryPosition(storeID: "new", held: 3))
            #expect(try ledger.active(limit: 10) == [key(40), key(3)])

            try ledger.accept([Delivery](), storeID: "third", now: noon)
            #expect(try ledger.position() == DeliveryPosition(storeID: "third", held: 0))
            try ledger.accept([assignment(2)], storeID: "third", now: noon)
            try ledger.accept([assignment(1)], storeID: "third", now: noon)
            #expect(try ledger.position().held == 2)
        }
    }

    @Test func `runs past their time expire without having begun`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let early = assignment(1, startWithin: .seconds(1))
            try ledger.accept([early, assignment(2, startWithin: .seconds(9))], storeID: "s", now: noon)

            #expect(try ledger.expireHeld(now: noon + .seconds(1)) == 0)
            #expect(try ledger.expireHeld(now: noon + .seconds(2)) == 1)
            #expect(try ledger.nextHeld()?.key == key(2))
            let outcome = try #require(try ledger.allReports().first?.outcome)
            #expect(outcome.state == .expired)
            #expect(outcome.error?.code == "not_started_in_time")
        }
    }

    @Test func `only what is old and confirmed is forgotten`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept((1...4).map { assignment($0) }, storeID: "s", now: noon)
            for number in 1...2 as ClosedRange<UInt64> {
                try ledger.finish(key(number), with: RunOutcome(state: .completed), now: noon)
            }
            try ledger.finish(key(3), with: RunOutcome(state: .completed), now: noon + .seconds(100))
            let sequences = try ledger.allReports().map(\.sequence)
            try ledger.confirm([sequences[0], sequences[2]])

            #expect(try ledger.prune(endedBefore: noon) == 0)
            #expect(try ledger.prune(endedBefore: noon + .seconds(50)) == 0, "the deadline is not over")
            #expect(try ledger.prune(endedBefore: noon + .seconds(80)) == 1)
            #expect(try ledger.prune(endedBefore: noon + .seconds(80)) == 0)
            #expect(try ledger.allReports().map(\.jobID) == [key(2).jobID])
            #expect(try ledger.prune(endedBefore: noon + .seconds(500)) == 1)
            #expect(try ledger.active(limit: 9) == [key(4)])
        }
    }

    @Test func `a change that fails leaves nothing behind`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            try ledger.accept([assignment(1)], storeID: "s", now: noon)
            let pages = try ledger.use { (database) throws(LedgerError) in
                try database.first("PRAGMA page_count") { $0.integer(0) } ?? 0
            }
            try ledger.use { (database) throws(LedgerError) in
                _ = try database.first("PRAGMA max_page_count = \(pages + 4)") { $0.integer(0) }
            }
            let large = assignment(3, data: .string(String(repeating: "x", count: 1_000_000)))

            let error = #expect(throws: LedgerError.self) {
                try ledger.accept([assignment(2), large], storeID: "s", now: noon)
            }
            #expect(error?.code == .diskFull)
            #expect(try ledger.position().held == 1)
            #expect(try ledger.active(limit: 9) == [key(1)])
            try ledger.accept([assignment(2)], storeID: "s", now: noon)
            #expect(try ledger.position().held == 2)
        }
    }
}
