// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import GRDB
import Jobs
import Testing

@testable import Store

/// The audit log against who can write the database.
struct AuditTests {
    private func withLog(_ change: @escaping @Sendable (Database) throws -> Void) async throws -> [String] {
        var problems: [String] = []
        try await withTemporaryDirectory { directory in
            let path = directory.appending(path: "broker.db").path()
            let store = try SQLiteStore(path: path)
            try await store.append((1...5).map { AuditEntry(time: .at($0), actor: "ann", action: "a\($0)") })
            try await store.close()
            let file = try DatabaseQueue(path: path)
            try await file.writeWithoutTransaction { db in
                try db.execute(sql: "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted")
                try change(db)
            }
            try file.close()
            problems = try SQLiteStore.problems(path: path)
        }
        return problems
    }

    @Test func `lines are neither changed nor deleted by whoever keeps to the schema`() async throws {
        let store = try SQLiteStore.inMemory()
        try await store.append([AuditEntry(time: .at(1), action: "a")])

        for statement in ["UPDATE audit SET actor = 'bob'", "DELETE FROM audit"] {
            await #expect(throws: StoreError.self) { try await store.write { try $0.execute(sql: statement) } }
        }
        #expect(try await store.audit(.oldest, beyond: nil, limit: 10).items.count == 1)
    }

    @Test func `where there are too many keys, the one that was revoked longest ago makes room`() async throws {
        let store = try SQLiteStore.inMemory()
        try await store.write { db in
            for number in 1...KeyCreation.maximumKeys {
                try db.execute(
                    sql: """
                        INSERT INTO api_keys (id, name, secret_hash, scopes, created_at) VALUES (?, ?, randomblob(32), 'admin', 1)
                        """,
                    arguments: ["k\(number)", "name-\(number)"]
                )
            }
        }
        func create(_ name: String) async throws -> KeyCreation {
            let record = KeyRecord(id: "new-\(name)", name: name, scopes: [.admin], createdAt: .at(2))
            let key = StoredKey(record: record, secretHash: KeySecret.hash(name))
            return try await store.create(key, audit: AuditEntry(time: .at(2), action: "createKey"))
        }

        guard case .tooMany = try await create("one") else {
            Issue.record("there is one more than there may be")
            return
        }
        for (id, time) in [("k7", 20), ("k9", 10)] {
            _ = try await store.revokeKey(id, by: nil, audit: AuditEntry(time: .at(time), action: "revokeKey"))
        }
        guard case .created(forgotten: "k9") = try await create("one"),
            case .created(forgotten: "k7") = try await create("two"), case .tooMany = try await create("three")
        else {
            Issue.record("not the key that was revoked first made room")
            return
        }
        #expect(try await store.keys().count == KeyCreation.maximumKeys)
    }

    @Test func `a log that was not touched is whole`() async throws {
        #expect(try await withLog { _ in } == [])
    }

    @Test(arguments: [
        ("UPDATE audit SET actor = 'bob' WHERE number = 3", "line 3 was changed"),
        ("UPDATE audit SET time = time + 1 WHERE number = 1", "line 1 was changed"),
        ("UPDATE audit SET outcome = 'dancing' WHERE number = 2", "dancing"),
        ("UPDATE audit SET hash = zeroblob(32) WHERE number = 4", "line 4"),
        ("DELETE FROM audit WHERE number = 2", "line 2 is missing"),
        ("DELETE FROM audit WHERE number < 3", "line 1 is missing"),
    ])
    func `a check of the database finds what was done to the log`(statement: String, word: String) async throws {
        let problems = try await withLog { try $0.execute(sql: statement) }

        #expect(problems.count == 1 && problems[0].contains(word), "\(problems)")
    }
}
