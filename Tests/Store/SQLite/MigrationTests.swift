// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Jobs
import Testing

@testable import Store

/// Databases of older versions, as `scripts/dump-databases` wrote them, opened by this one.
struct MigrationTests {
    private static func dump(_ name: String) throws -> String {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: tests.appending(path: "Databases/\(name).sql"), encoding: .utf8)
    }

    @Test(arguments: ["controller-1", "controller-2", "controller-9"])
    func `what is counted and listed of an older database is as its runs have it`(name: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending(path: "broker.db").path()
            let queue = try DatabaseQueue(path: path)
            // The dump has places for what its database was about; which agents these are does not matter here.
            try await queue.writeWithoutTransaction { try $0.execute(sql: try Self.dump(name)) }
            let before = try await queue.read { db in
                try String.fetchAll(db, sql: "SELECT lower(hex(id)) FROM jobs ORDER BY id DESC")
            }
            try queue.close()

            let store = try SQLiteStore(path: path)
            #expect(try SQLiteStore.problems(path: path) == [])
            let jobs = try await expectConsistent(store).values.sorted { $0.id > $1.id }
            #expect(jobs.map { "\($0.id)".replacing("-", with: "") } == before && !before.isEmpty)
            for job in jobs {
                let runs = try await store.allRuns(job.id, includingData: true)
                #expect(job.startedAt == runs.compactMap(\.startedAt).min())
                #expect(job.result == (runs.count == 1 ? runs.first?.data : nil))
                #expect((job.error != nil) == (job.status == .failed || job.status == .partialFailure))
                for host in runs.map(\.hostname) {
                    var filter = JobFilter()
                    filter.agent = host
                    let part = try await store.jobs(JobQuery(filter), ListingWindow(from: .offset(0), limit: 100))
                    #expect(part.items.contains { $0.id == job.id })
                }
            }
            try await store.close()
        }
    }

    @Test func `agents keep their facts and the numbers of their deliveries`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending(path: "broker.db").path()
            let queue = try DatabaseQueue(path: path)
            try await queue.writeWithoutTransaction { try $0.execute(sql: try Self.dump("controller-9")) }
            let sql = "SELECT hostname || ' ' || last_delivery || ' ' || facts FROM agents ORDER BY hostname"
            let before = try await queue.read { try String.fetchAll($0, sql: sql) }
            let numbers = "SELECT agent || ' ' || last_delivery || ' ' || offered_delivery || ' ' || held_delivery FROM"
            let numbersBefore = try await queue.read { try String.fetchAll($0, sql: "\(numbers) agents ORDER BY 1") }
            try queue.close()

            let store = try SQLiteStore(path: path)
            let after = try await store.agents().map { stored in
                let facts = String(decoding: try JSONValue.object(stored.agent.facts).text(), as: UTF8.self)
                return "\(stored.agent.hostname) \(stored.lastDelivery) \(facts)"
            }
            #expect(after == before && after.contains { !$0.hasSuffix("{}") && !$0.contains(" 0 ") })
            let numbersAfter = try await store.read { db in
                try String.fetchAll(db, sql: "\(numbers) agent_deliveries ORDER BY 1")
            }
            #expect(numbersAfter == numbersBefore)
            try await store.close()
        }
    }
}
