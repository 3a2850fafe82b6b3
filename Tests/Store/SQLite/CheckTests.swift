// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Jobs
import Store
import Testing

/// `broker-controller check` and `backup`: on a file that a store has open meanwhile.
struct CheckTests {
    private func withFilledStore(_ body: (SQLiteStore, URL) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "broker.sqlite")
            let store = try SQLiteStore(path: file.path)
            try await store.introduce(["a", "b"])
            for number in 1...5 { try await store.submit(number, ["a", "b"]) }
            _ = try await store.record([.holds(.on("a"), upTo: 3)], now: .at(1))
            try await body(store, file)
            try await store.close()
        }
    }

    @Test func `a store that is in use and well has no problems`() async throws {
        try await withFilledStore { _, file in
            let problems = try SQLiteStore.problems(path: file.path)
            #expect(problems == [])
        }
    }

    @Test(arguments: [
        ("UPDATE jobs SET pending = pending + 1 WHERE note = 'number 2'", "counts"),
        ("UPDATE job_counts SET number = number + 1 WHERE status = 'submitted'", "submitted"),
        ("DELETE FROM events WHERE job = (SELECT max(job) FROM jobs) AND sequence = 1", "timeline"),
        ("INSERT INTO job_errors SELECT max(job), 'lost', 'gone', 1 FROM jobs", "errors"),
        ("UPDATE jobs SET changed = 1 WHERE note = 'number 2'", ""),
        ("PRAGMA foreign_keys = OFF; DELETE FROM agents WHERE id = 'id-of-b'", "agents"),
    ])
    func `a contradiction is found`(statement: String, word: String) async throws {
        try await withFilledStore { _, file in
            let queue = try DatabaseQueue(path: file.path)
            try await queue.writeWithoutTransaction { try $0.execute(sql: statement) }

            let problems = try SQLiteStore.problems(path: file.path)

            #expect(!problems.isEmpty)
            #expect(problems.allSatisfy { word.isEmpty || $0.contains(word) }, "\(problems)")
        }
    }

    @Test func `a backup of a store in use is the store of that moment, under an id of its own`() async throws {
        try await withFilledStore { store, file in
            let copy = file.deletingLastPathComponent().appending(path: "copy.sqlite")
            try SQLiteStore.backUp(path: file.path, to: copy.path)
            try await store.submit(6, ["a"])

            let problems = try SQLiteStore.problems(path: copy.path)
            #expect(problems == [])
            let restored = try SQLiteStore(path: copy.path)
            #expect(try await restored.jobs(status: nil, limit: 10, offset: 0).total == 5)
            #expect(try await restored.run(1, "a").state == .acknowledged)
            #expect(restored.storeID != store.storeID)
            try await restored.close()
            #expect(throws: StoreError.self) { try SQLiteStore.backUp(path: file.path, to: copy.path) }
            let mode = try FileManager.default.attributesOfItem(atPath: copy.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `what is no store is refused`() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appending(path: "text")
            try Data("this is no database at all, only a text".utf8).write(to: file)

            #expect(throws: StoreError.self) { try SQLiteStore.problems(path: file.path) }
            #expect(throws: StoreError.self) {
                try SQLiteStore.problems(path: directory.appending(path: "nothing").path)
            }
        }
    }
}
