// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Runner

struct LedgerRecoveryTests {
    @Test func `what was stored is there after a restart`() async throws {
        try await withLedgerPath { path in
            var name = ""
            do {
                let ledger = try Ledger(path: path, now: noon)
                name = ledger.ledgerID
                try ledger.accept([assignment(1), assignment(2)], storeID: "s", now: noon)
                try ledger.finish(key(1), with: RunOutcome(state: .completed, data: ["a": "b"]), now: noon)
            }
            let ledger = try Ledger(path: path, now: noon)

            #expect(name.count == 32)
            #expect(ledger.ledgerID == name)
            #expect(try ledger.position() == DeliveryPosition(storeID: "s", held: 2))
            #expect(try ledger.nextHeld()?.key == key(2))
            #expect(try ledger.allReports().map(\.outcome) == [RunOutcome(state: .completed, data: ["a": "b"])])
        }
    }

    @Test func `each ledger has a name of its own`() async throws {
        let first = try await withLedgerPath { try Ledger(path: $0, now: noon).ledgerID }
        let second = try await withLedgerPath { try Ledger(path: $0, now: noon).ledgerID }

        #expect(first != second)
    }

    @Test func `after a kill, begun runs are interrupted and held ones wait`() async throws {
        try await withLedgerPath { path in
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                let ledger = try Ledger(path: path, now: noon)
                try ledger.accept([assignment(1), assignment(2), assignment(3)], storeID: "s", now: noon)
                _ = try ledger.begin(key(1))
                _ = try ledger.begin(key(2))
                try ledger.finish(key(1), with: RunOutcome(state: .completed, changed: true), now: noon)
                kill(getpid(), SIGKILL)
            }
            let ledger = try Ledger(path: path, now: noon + .seconds(5))
            let reports = try ledger.allReports()

            #expect(reports.map(\.jobID) == [1, 2, 1, 2].map { key($0).jobID })
            #expect(reports.map { $0.outcome?.state } == [nil, nil, .completed, .failed])
            #expect(reports.last?.outcome?.error?.code == "interrupted")
            #expect(reports.last?.outcome?.changed == nil)
            #expect(try !ledger.begin(key(2)))
            #expect(try ledger.nextHeld()?.key == key(3))
            #expect(try ledger.position().held == 3)
        }
    }

    @Test func `every point at which a ledger can be cut off is a sound one`() async throws {
        try await withTemporaryDirectory { directory in
            let ledger = try Ledger(path: directory + "/ledger", now: noon)
            for number in 1...20 as ClosedRange<UInt64> {
                try ledger.accept([assignment(number)], storeID: "s", now: noon)
                _ = try ledger.begin(key(number))
                if number % 2 == 0 {
                    try ledger.finish(key(number), with: RunOutcome(state: .completed), now: noon)
                }
                // A copy of the files as they are on the disk is what a crash leaves.
                let copy = directory + "/copy\(number)"
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(
                        atPath: directory + "/ledger" + suffix,
                        toPath: copy + suffix
                    )
                }
                let reopened = try Ledger(path: copy, now: noon)
                #expect(try reopened.position().held == number)
                #expect(try reopened.active(limit: 99).isEmpty)
                #expect(try reopened.allReports().count == Int(number) * 2)
            }
        }
    }

    @Test func `a ledger of a newer agent is refused`() async throws {
        try await withLedgerPath { path in
            do {
                let ledger = try Ledger(path: path, now: noon)
                try ledger.use { (database) throws(LedgerError) in try database.run("PRAGMA user_version = 5") }
            }
            let error = #expect(throws: LedgerError.self) { try Ledger(path: path, now: noon) }

            #expect(error?.code == .newerSchema)
            #expect(error?.message.contains("has version 5, and this agent knows 4") == true)
        }
    }

    @Test func `a file that is no ledger or damaged is refused`() async throws {
        try await withLedgerPath { path in
            try Data(repeating: 7, count: 10_000).write(to: URL(fileURLWithPath: path))
            let foreign = #expect(throws: LedgerError.self) { try Ledger(path: path, now: noon) }
            #expect(foreign?.code == .corrupt)
            #expect(foreign?.message.contains(path) == true)
        }
        try await withLedgerPath { path in
            do {
                let ledger = try Ledger(path: path, now: noon)
                try ledger.accept((1...200).map { assignment($0) }, storeID: "s", now: noon)
            }
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.seek(toOffset: 4096 * 2)
            try file.write(contentsOf: Data(repeating: 0xEE, count: 4096 * 4))
            try file.close()
            let damaged = #expect(throws: LedgerError.self) { try Ledger(path: path, now: noon) }
            #expect(damaged?.code == .corrupt)
        }
    }

    @Test func `a ledger is opened by one at a time`() async throws {
        try await withLedgerPath { path in
            let ledger = try Ledger(path: path, now: noon)
            let error = #expect(throws: LedgerError.self) { try Ledger(path: path, now: noon) }

            #expect(error?.code == .inUse)
            #expect(try ledger.hasReports() == false)
        }
    }

    @Test func `a directory that is not there is said so`() {
        let error = #expect(throws: LedgerError.self) { try Ledger(path: "/no/such/dir/ledger", now: noon) }

        #expect(error?.code == .cannotOpen)
    }
}
