// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Jobs
import Testing

@testable import Store

/// Opening the file of a store in every condition it can be found in.
struct OpeningTests {
    private func code(_ path: String) -> StoreError.Code? {
        do {
            _ = try SQLiteStore(path: path)
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    private func withFile(_ body: (_ path: String) async throws -> Void) async throws {
        try await withTemporaryDirectory { try await body($0.appending(path: "broker.db").path()) }
    }

    @Test func `a closed store is found again as it was`() async throws {
        try await withFile { path in
            let store = try SQLiteStore(path: path)
            try await store.introduce(["a"])
            let job = try await store.submit(1, ["a"]).job
            try await store.close()

            let again = try SQLiteStore(path: path)

            #expect(again.storeID == store.storeID && !store.storeID.isEmpty)
            #expect(try await again.job(.test(1)) == job)
            #expect(try await again.submit(2, ["a"]).deliveries == [.on("a"): 2])
            try await again.close()
        }
    }

    @Test func `each new store has an id of its own`() throws {
        let first = try SQLiteStore.inMemory()
        let second = try SQLiteStore.inMemory()

        #expect(first.storeID != second.storeID)
    }

    @Test func `the writer waits for the disk and keeps references whole`() async throws {
        try await withFile { path in
            let store = try SQLiteStore(path: path)

            let settings = try await store.write { db in
                try ["synchronous", "journal_mode", "foreign_keys"].map {
                    try String.fetchOne(db, sql: "PRAGMA \($0)")
                }
            }

            #expect(settings == ["2", "wal", "1"])
            try await store.close()
        }
    }

    @Test func `a file of a newer version is refused and left alone`() async throws {
        try await withFile { path in
            try await SQLiteStore(path: path).close()
            let queue = try DatabaseQueue(path: path)
            try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999: the future')") }
            try queue.close()
            let before = try Data(contentsOf: URL(filePath: path))

            #expect(code(path) == .newerSchema)

            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    @Test func `a file that is no database is refused and left alone`() async throws {
        try await withFile { path in
            let text = Data(String(repeating: "no database at all\n", count: 500).utf8)
            try text.write(to: URL(filePath: path))

            #expect(code(path) == .corrupt)

            #expect(try Data(contentsOf: URL(filePath: path)) == text)
        }
    }

    @Test func `a damaged file is refused`() async throws {
        try await withFile { path in
            try await SQLiteStore(path: path).close()
            var bytes = try Data(contentsOf: URL(filePath: path))
            for place in 100..<bytes.count { bytes[place] = 0xA5 }
            try bytes.write(to: URL(filePath: path))

            #expect(code(path) == .corrupt)
        }
    }

    @Test func `a file whose index has lost its entries is refused, since records would be hidden`() async throws {
        try await withFile { path in
            let store = try SQLiteStore(path: path)
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            let root = try await store.write { db in
                try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'runs_by_hostname'")
            }
            try await store.close()
            var bytes = try Data(contentsOf: URL(filePath: path))
            let page = (try #require(root) - 1) * 4096
            // The head of a leaf without cells, well-formed in itself.
            bytes.replaceSubrange(page..<(page + 8), with: [0x0A, 0, 0, 0, 0, 0x10, 0, 0])
            try bytes.write(to: URL(filePath: path))

            #expect(code(path) == .corrupt)
        }
    }

    @Test func `a place where no file can be is inaccessible`() async throws {
        try await withTemporaryDirectory { directory in
            #expect(code(directory.path()) == .inaccessible)
            #expect(code(directory.appending(path: "missing/broker.db").path()) == .inaccessible)
            #expect(code("/proc/broker.db") == .inaccessible)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `a directory that cannot be written is inaccessible`() async throws {
        try await withTemporaryDirectory { directory in
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: directory.path())
            defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path()) }

            #expect(code(directory.appending(path: "broker.db").path()) == .inaccessible)
        }
    }

    @Test func `a full disk refuses the whole submission and nothing else`() async throws {
        try await withFile { path in
            var configuration = SQLiteStore.Configuration()
            configuration.maximumPages = 100
            let store = try SQLiteStore(path: path, configuration: configuration)
            let hosts = (0..<20).map { "h\($0)" }
            try await store.introduce(hosts)

            var committed = 0
            let error = await #expect(throws: StoreError.self) {
                while committed < 1000 {
                    try await store.submit(committed + 1, hosts, data: .string(String(repeating: "x", count: 3000)))
                    committed += 1
                }
            }

            #expect(error?.code == .full)
            let jobs = try await expectConsistent(store)
            #expect(committed > 0 && jobs.count == committed)
            try await store.close()
            let roomier = try SQLiteStore(path: path)
            try await roomier.submit(committed + 1, hosts)
            try await expectConsistent(roomier)
            try await roomier.close()
        }
    }

    @Test func `a stored name that is not known is damage, not a crash`() async throws {
        try await withFile { path in
            let store = try SQLiteStore(path: path)
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            try await store.write { try $0.execute(sql: "UPDATE runs SET state = 'dancing'") }

            let error = await #expect(throws: StoreError.self) { try await store.allRuns(.test(1)) }

            #expect(error?.code == .corrupt)
            try await store.close()
        }
    }
}
