// SPDX-License-Identifier: Apache-2.0

import Access
import FoundationEssentials
import Jobs
import Store

/// The API key of a controller that this program starts.
enum SecretKey {
    /// Puts a new key into the store of a controller that does not run, and gives its secret.
    static func make(in stateDirectory: String) async throws -> String {
        let secret = KeySecret.random()
        let now = Timestamp.now()
        let record = KeyRecord(id: secret.id, name: "broker-bench", scopes: [.admin], createdAt: now)
        let store = try SQLiteStore(path: stateDirectory + "/broker.sqlite")
        let audit = AuditEntry(time: now, action: "createKey", subject: record.name)
        _ = try await store.create(StoredKey(record: record, secretHash: secret.hash), audit: audit)
        try await store.close()
        return secret.text
    }
}
