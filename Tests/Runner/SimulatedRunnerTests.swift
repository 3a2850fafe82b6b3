// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(10)))
struct SimulatedRunnerTests {
    @Test func `without delay it answers at once, and each delivery once`() async throws {
        let runner = SimulatedRunner(ledgerID: "l") { RunOutcome(state: .completed, data: .int(Int64($0.delivery))) }
        try await runner.accept([assignment(2), assignment(1)], storeID: "s")
        try await runner.accept([assignment(1), assignment(2)], storeID: "s")
        let reports = await runner.pendingReports(after: 0, limit: 99, maximumBytes: 1)

        #expect(await runner.position == DeliveryPosition(storeID: "s", held: 2))
        #expect(reports.map(\.jobID) == [1, 1, 2, 2].map { key($0).jobID })
        #expect(reports.map { $0.outcome?.data } == [nil, 1, nil, 2])
        #expect(await runner.active(limit: 9).isEmpty)

        await runner.confirm(reports.prefix(3).map(\.sequence))
        #expect(await runner.pendingReports(after: 0, limit: 9, maximumBytes: 1) == [reports[3]])
        try await runner.accept([assignment(1)], storeID: "other")
        #expect(await runner.position == DeliveryPosition(storeID: "other", held: 1))
    }

    @Test func `with a delay it answers when that is over`() async throws {
        let runner = SimulatedRunner(ledgerID: "l", delay: .milliseconds(50))
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await runner.run() }
            let start = ContinuousClock.now
            try await runner.accept([assignment(1), assignment(2)], storeID: "s")
            #expect(await runner.active(limit: 9) == [key(1), key(2)])
            let all = try await reports(of: runner) { $0.count == 4 }

            #expect(ContinuousClock.now - start >= .milliseconds(50))
            #expect(all.map { $0.outcome?.state } == [nil, nil, .completed, .completed])
            #expect(await runner.active(limit: 9).isEmpty)
            group.cancelAll()
        }
    }
}
