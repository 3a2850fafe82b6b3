// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

extension SQLiteStore {
    /// What became of an earlier submission with this key.
    package func earlierSubmission(_ key: IdempotencyKey, now: Timestamp) async throws -> EarlierSubmission {
        try await read { db in
            let sql = """
                SELECT \(Job.columns), k.fingerprint, k.job
                FROM idempotency_keys k LEFT JOIN jobs j USING (job) LEFT JOIN job_operations o USING (job)
                WHERE k.owner = ? AND k.key = ? AND k.created_at > ?
                """
            let query = try db.query(sql).with(key.owner).with(key.text).with(key.oldest(at: now))
            return try query.first { row -> EarlierSubmission in
                guard row[Job.nextColumn] == key.fingerprint else { return .different }
                guard row[Job.nextColumn + 1] != nil as Int64? else { return .deleted }
                return .same(try db.withSingleRun(try Job(row), key: row[Job.nextColumn + 1]))
            } ?? .none
        }
    }
}

extension Database {
    /// Remembers the key of a job, and forgets some of those that are too old.
    func insert(_ key: IdempotencyKey, job: Int64, now: Timestamp) throws {
        try cachedStatement(
            sql: """
                DELETE FROM idempotency_keys WHERE (owner, key) IN
                    (SELECT owner, key FROM idempotency_keys WHERE created_at <= ? ORDER BY created_at LIMIT 100)
                """
        ).execute(arguments: [key.oldest(at: now)])
        // A key that is too old may be among those that were not forgotten yet.
        try cachedStatement(
            sql: """
                INSERT INTO idempotency_keys (owner, key, fingerprint, job, created_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (owner, key) DO UPDATE SET fingerprint = excluded.fingerprint, job = excluded.job,
                    created_at = excluded.created_at WHERE created_at <= ?
                """
        ).execute(
            arguments: [key.owner, key.text, key.fingerprint, job, now.milliseconds, key.oldest(at: now)]
        )
        guard changesCount == 1 else { throw StoreError(.failed, "the idempotency key is in use already") }
    }
}

extension IdempotencyKey {
    /// From when on a key is too old.
    fileprivate func oldest(at now: Timestamp) -> Int64 {
        now.milliseconds - Self.lifetime.wholeMilliseconds
    }
}
