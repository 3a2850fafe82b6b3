// SPDX-License-Identifier: Apache-2.0

package import Access
import GRDB
package import Jobs

extension SQLiteStore: ObjectStore {
    package func object(named name: String) async throws -> ObjectRecord? {
        try await read { try $0.object(named: name) }
    }

    package func objects(prefix: String, after name: String?, limit: Int) async throws -> [ObjectRecord] {
        try await read { db in
            // Names are ASCII below DEL, so that all that begin so come before the prefix with a DEL.
            try db.query(
                """
                SELECT \(ObjectRecord.columns) FROM objects o JOIN blobs b USING (blob)
                WHERE o.name >= ? AND o.name < ? AND o.name > ? ORDER BY o.name LIMIT ?
                """
            ).with(prefix).with(prefix + "\u{7F}").with(name ?? "").with(limit).all(ObjectRecord.init)
        }
    }

    package func keep(
        _ object: NewObject,
        audit: AuditEntry?,
        place: @escaping @Sendable () throws -> Void
    ) async throws -> ObjectKeeping {
        let record = object.record
        return try await write { db in
            let present = try db.object(named: record.name)
            if present != nil, object.mustBeNew { return .exists }
            if let present, present.sha256 == record.sha256 {
                // Puts the bytes back, should somebody have deleted them from the disk.
                try place()
                return .unchanged(present)
            }
            guard let blob = try db.blob(of: record, atMost: object.maximumTotal) else { return .full }
            try place()
            try db.query(
                """
                INSERT INTO objects (name, blob, created_at, created_by) VALUES (?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET blob = excluded.blob, created_at = excluded.created_at,
                    created_by = excluded.created_by
                """
            ).with(record.name).with(blob).with(record.createdAt.milliseconds).with(record.createdBy).execute()
            if let audit { try db.append(audit) }
            return present == nil ? .created(record) : .replaced(record)
        }
    }

    package func removeObject(named name: String, audit: AuditEntry) async throws -> Bool {
        try await write { db in
            try db.query("DELETE FROM objects WHERE name = ?").with(name).execute()
            guard db.changesCount > 0 else { return false }
            try db.append(audit)
            return true
        }
    }

    package func objectBytes() async throws -> Int64 {
        try await read { try $0.blobBytes() }
    }

    package func present(_ sha256: Set<String>) async throws -> Set<String> {
        try await read { db in
            let query = try db.query("SELECT 1 FROM blobs WHERE sha256 = ?")
            return try sha256.filter { try query.with($0).first { _ in true } ?? false }
        }
    }

    package func size(of sha256: String, neededBy agent: AgentID) async throws -> Int64? {
        try await read { db in
            try db.query(
                """
                SELECT b.size FROM agents a CROSS JOIN blobs b CROSS JOIN job_objects o USING (blob)
                    CROSS JOIN runs r ON r.job = o.job AND r.agent = a.agent
                WHERE a.id = ? AND b.sha256 = ? AND r.state IN ('pending', 'acknowledged', 'started') LIMIT 1
                """
            ).with(agent.text).with(sha256).first { $0[0] as Int64 }
        }
    }
}

extension SQLiteStore {
    package func openRun(of job: JobID, by agent: AgentID) async throws -> Job? {
        try await read { db in
            let isOpen = try db.query(
                """
                SELECT 1 FROM jobs j CROSS JOIN agents a CROSS JOIN runs r ON r.job = j.job AND r.agent = a.agent
                WHERE j.id = ? AND a.id = ? AND r.state IN ('pending', 'acknowledged', 'started')
                """
            ).with(job.stored).with(agent.text).first { _ in true }
            return isOpen == nil ? nil : try db.job(job)
        }
    }

    package func sweepObjects(
        unneededFor age: Duration,
        limit: Int,
        now: Timestamp,
        discard: @escaping @Sendable (String) throws -> Void
    ) async throws -> ObjectSweep {
        // Mostly there is nothing to do, and then nothing is written.
        guard try await read({ try $0.hasObjectsToSweep(before: now + (.zero - age)) }) else {
            return ObjectSweep(removed: 0, isMore: false)
        }
        return try await write { db in
            try db.query(
                """
                DELETE FROM job_objects WHERE (blob, job) IN (\(Database.objectsOfEndedJobs) LIMIT ?)
                """
            ).with(limit).execute()
            let letGo = db.changesCount
            try db.query(
                "UPDATE blobs SET released_at = NULL WHERE released_at IS NOT NULL AND NOT \(Database.isUnneeded)"
            ).execute()
            try db.query("UPDATE blobs SET released_at = ? WHERE released_at IS NULL AND \(Database.isUnneeded)")
                .with(now.milliseconds).execute()
            let unneeded = try db.query("SELECT blob, sha256 FROM blobs WHERE released_at <= ? LIMIT ?")
                .with((now + (.zero - age)).milliseconds).with(limit)
                .all { (blob: $0[0] as Int64, sha256: $0[1] as String) }
            for (blob, sha256) in unneeded {
                try db.query("DELETE FROM blobs WHERE blob = ?").with(blob).execute()
                try discard(sha256)
            }
            return ObjectSweep(removed: unneeded.count, isMore: max(letGo, unneeded.count) >= limit)
        }
    }
}

extension Database {
    /// A blob that no name stands for and no open job needs.
    fileprivate static let isUnneeded = """
        (NOT EXISTS (SELECT 1 FROM objects o WHERE o.blob = blobs.blob)
            AND NOT EXISTS (SELECT 1 FROM job_objects n WHERE n.blob = blobs.blob))
        """

    fileprivate static let objectsOfEndedJobs = """
        SELECT n.blob, n.job FROM job_objects n LEFT JOIN jobs j USING (job)
        WHERE j.job IS NULL OR j.completed_at IS NOT NULL
        """

    fileprivate func hasObjectsToSweep(before time: Timestamp) throws -> Bool {
        let released = "released_at IS NOT NULL AND (released_at <= ? OR NOT \(Self.isUnneeded))"
        return try query(
            """
            SELECT EXISTS (\(Self.objectsOfEndedJobs))
                OR EXISTS (SELECT 1 FROM blobs WHERE released_at IS NULL AND \(Self.isUnneeded))
                OR EXISTS (SELECT 1 FROM blobs WHERE \(released))
            """
        ).with(time.milliseconds).first { $0[0] as Bool } ?? false
    }

    fileprivate func object(named name: String) throws -> ObjectRecord? {
        try query("SELECT \(ObjectRecord.columns) FROM objects o JOIN blobs b USING (blob) WHERE o.name = ?")
            .with(name).first(ObjectRecord.init)
    }

    fileprivate func blobBytes() throws -> Int64 {
        try query("SELECT coalesce(sum(size), 0) FROM blobs").first { $0[0] as Int64 } ?? 0
    }

    /// The row of some bytes, made where need be; nil where there would be too many bytes then.
    fileprivate func blob(of record: ObjectRecord, atMost maximum: Int64) throws -> Int64? {
        if let blob = try query("SELECT blob FROM blobs WHERE sha256 = ?").with(record.sha256).first({ $0[0] as Int64 })
        {
            return blob
        }
        guard try blobBytes() + record.size <= maximum else { return nil }
        try query("INSERT INTO blobs (sha256, size) VALUES (?, ?)").with(record.sha256).with(record.size).execute()
        return lastInsertedRowID
    }

    /// Has a job keep the bytes of objects for as long as it is open.
    ///
    /// - Throws: ``StoreError`` where they have been taken away since they were looked up.
    func keep(objects: [String], for job: Int64) throws {
        for sha256 in Set(objects) {
            try query("INSERT INTO job_objects (blob, job) SELECT blob, ? FROM blobs WHERE sha256 = ?")
                .with(job).with(sha256).execute()
            guard changesCount == 1 else { throw StoreError(.failed, "an object of the job is gone") }
        }
    }
}

extension ObjectRecord {
    /// The columns that ``init(_:)`` reads.
    fileprivate static let columns = "o.name, b.sha256, b.size, o.created_at, o.created_by"

    fileprivate init(_ row: SQLRow) throws {
        self.init(
            name: row[0],
            sha256: row[1],
            size: row[2],
            createdAt: Timestamp(milliseconds: row[3]),
            createdBy: row[4]
        )
    }
}
