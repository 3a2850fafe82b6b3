// SPDX-License-Identifier: Apache-2.0

package import Access
import FoundationEssentials
import GRDB
package import Jobs

extension SQLiteStore: AccessStore {
    /// Every key that there is or was, oldest first.
    package func keys() async throws -> [StoredKey] {
        try await read { db in
            try db.query("SELECT \(StoredKey.columns) FROM api_keys ORDER BY key").all(StoredKey.init)
        }
    }

    /// Commits a new key, unless its name is taken or there are too many.
    package func create(_ key: StoredKey, audit: AuditEntry) async throws -> KeyCreation {
        let arguments = key.arguments
        return try await write { db in
            let taken = "SELECT count(*) FROM api_keys WHERE name = ? AND revoked_at IS NULL"
            guard try db.query(taken).with(key.record.name).first({ $0[0] as Int }) == 0 else { return .nameTaken }
            let number = try db.query("SELECT count(*) FROM api_keys").first { $0[0] as Int } ?? 0
            var forgotten: String?
            if number >= KeyCreation.maximumKeys {
                forgotten = try db.forgetRevokedKey()
                guard forgotten != nil else { return .tooMany }
            }
            let marks = Array(repeating: "?", count: StoredKey.columnNames.count).joined(separator: ", ")
            try db.query("INSERT INTO api_keys (\(StoredKey.columns)) VALUES (\(marks))").with(all: arguments).execute()
            try db.append(audit)
            return .created(forgotten: forgotten)
        }
    }

    /// Revokes a key.
    package func revokeKey(_ id: String, by name: String?, audit: AuditEntry) async throws -> KeyRecord? {
        try await write { db in
            try db.query("UPDATE api_keys SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL")
                .with(audit.time.milliseconds).with(name).with(id).execute()
            if db.changesCount > 0 { try db.append(audit) }
            return try db.query("SELECT \(StoredKey.columns) FROM api_keys WHERE id = ?").with(id)
                .first(StoredKey.init)?.record
        }
    }

    /// Takes in when keys were last used; never an earlier time than is known.
    package func noteUses(_ uses: [String: Timestamp]) async throws {
        guard !uses.isEmpty else { return }
        try await write { db in
            let statement = try db.query(
                "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?"
            )
            for (id, time) in uses { try statement.with(time.milliseconds).with(id).execute() }
        }
    }
}

extension Database {
    /// Takes away the key that was revoked longest ago; the audit log still knows of it.
    fileprivate func forgetRevokedKey() throws -> String? {
        try query(
            """
            DELETE FROM api_keys WHERE key =
                (SELECT key FROM api_keys WHERE revoked_at IS NOT NULL ORDER BY revoked_at, key LIMIT 1)
            RETURNING id
            """
        ).first { $0[0] }
    }
}

extension StoredKey {
    static let columnNames = [
        "id", "name", "secret_hash", "scopes", "target", "operations", "created_at", "created_by", "expires_at",
        "last_used_at", "revoked_at", "revoked_by",
    ]

    /// The columns that ``init(_:)`` reads.
    static let columns = columnNames.joined(separator: ", ")

    /// Lists are kept as words between spaces: neither scopes nor patterns have any.
    init(_ row: SQLRow) throws {
        let names = (row[3] as String).split(separator: " ").map(String.init)
        let scopes = names.compactMap(Scope.init(rawValue:))
        // With fewer scopes than were given, a key would be another than the record says.
        guard scopes.count == names.count else { throw StoreError(.corrupt, "a key has a scope that is not known") }
        self.init(
            record: KeyRecord(
                id: row[0],
                name: row[1],
                scopes: Set(scopes),
                target: row[4],
                operations: (row[5] as String?)?.split(separator: " ").map(String.init),
                createdAt: Timestamp(milliseconds: row[6]),
                createdBy: row[7],
                expiresAt: row.time(8),
                lastUsedAt: row.time(9),
                revokedAt: row.time(10),
                revokedBy: row[11]
            ),
            secretHash: Array(row[2] as Data)
        )
    }

    fileprivate var arguments: [any SQLValue & Sendable] {
        [
            record.id, record.name, Data(secretHash), record.scopes.names.joined(separator: " "), record.target,
            record.operations?.joined(separator: " "), record.createdAt.milliseconds, record.createdBy,
            record.expiresAt?.milliseconds, record.lastUsedAt?.milliseconds, record.revokedAt?.milliseconds,
            record.revokedBy,
        ]
    }
}
