// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Jobs
import Store
import Testing

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
}
