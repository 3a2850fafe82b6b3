// SPDX-License-Identifier: Apache-2.0

import Jobs
import Operations
import Testing

@testable import Runner

struct LedgerPlanTests {
    @Test func `no turn of a runner looks at all that was ever executed`() async throws {
        try await withLedgerPath { path in
            do {
                let ledger = try Ledger(path: path, now: noon)
                try ledger.accept([assignment(1), assignment(2), assignment(3)], storeID: "s", now: noon)
                _ = try ledger.begin(key(1))
                _ = try ledger.begin(key(2))
                try ledger.finish(key(1), with: RunOutcome(state: .completed), now: noon)
            }
            let ledger = try Ledger(path: path, now: noon, anchor: ClockAnchor(bootID: "b", offset: 0))
            _ = try ledger.expireHeld(now: noon)
            _ = try ledger.endReturns(now: noon)
            _ = try ledger.awaitsReturn()
            _ = try ledger.cancelledReturns()
            for exclusive in [true, false] { _ = try ledger.nextHeld(now: noon, allowingExclusive: exclusive) }
            _ = try ledger.active(limit: 9)
            _ = try ledger.begin(key(3))
            let awaited = AwaitedReturn(
                bootID: "b",
                goesAt: noon,
                backBefore: noon,
                takeBack: [],
                takenBack: [],
                data: .null
            )
            _ = try ledger.awaitReturn(of: key(3), awaited)
            _ = try ledger.endReturns(now: noon + .seconds(1))
            try ledger.confirm(try ledger.allReports().map(\.sequence))
            _ = try ledger.prune(endedBefore: noon + .seconds(9))

            let plans = try ledger.use { (database) throws(LedgerError) in
                var plans: [(statement: String, step: String)] = []
                let kinds = ["SELECT", "UPDATE", "DELETE", "INSERT"]
                for statement in database.statements.keys where kinds.contains(where: statement.hasPrefix) {
                    for step in try database.all("EXPLAIN QUERY PLAN \(statement)", row: { $0.text(3) }) {
                        plans.append((statement, step))
                    }
                }
                return plans
            }

            #expect(plans.count > 12, "the exercise has lost statements")
            for (statement, step) in plans { #expect(step != "SCAN runs", "\(statement)") }
        }
    }
}
