// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

extension SQLiteStore {
    /// Looks for damage and contradictions in the file at `path`, which a controller may be using meanwhile.
    ///
    /// Besides SQLite's own checks of pages, indexes and references, everything that is counted in transactions is counted
    /// again: runs by state and by error, changed runs and lines of the timeline of each job, and jobs by operation, status and
    /// change. The chain of the
    /// audit log is followed from its beginning.
    ///
    /// - Returns: what is wrong, a line each, at most a hundred; empty where all is well.
    /// - Throws: ``StoreError`` where the file cannot be read, is no database, or is of a newer version.
    package static func problems(path: String) throws -> [String] {
        do {
            return try reader(path).read { db in try db.problems() }
        } catch {
            throw StoreError.mapped(error)
        }
    }

    /// Writes a copy of the store at `path`, which a controller may be using meanwhile, to a new file.
    ///
    /// The copy is of one moment. It has a store id of its own, so that agents do not take the deliveries that it will
    /// make for those that the original makes after that moment. A copy that is not finished has another name.
    ///
    /// - Throws: ``StoreError`` where `path` cannot be read, or `file` exists or cannot be written.
    package static func backUp(path: String, to file: String) throws {
        let unfinished = file + ".unfinished"
        do {
            guard !FileStatus.exists(file) else { throw StoreError(.inaccessible, "\(file): the file exists") }
            try FileStatus.remove(unfinished)
            // A copy holds what the database does, and may lie in a directory that others can read.
            try FileStatus.create(unfinished)
            let source = try reader(path)
            try source.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [unfinished])
            }
            let copy = try DatabaseQueue(path: unfinished)
            try copy.write { db in
                try db.execute(sql: "UPDATE meta SET store_id = ?", arguments: [Schema.randomID()])
            }
            try copy.close()
            try FileStatus.finish(unfinished, as: file)
        } catch {
            throw StoreError.mapped(error)
        }
    }

    private static func reader(_ path: String) throws -> DatabaseQueue {
        var settings = GRDB.Configuration()
        settings.readonly = true
        settings.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: settings)
        guard try !queue.read(Schema.migrator.hasBeenSuperseded) else {
            throw StoreError(.newerSchema, "the database was written by a newer version")
        }
        guard try queue.read(Schema.migrator.hasCompletedMigrations) else {
            throw StoreError(.failed, "the database is of an older version; start the controller once")
        }
        return queue
    }
}

extension Database {
    fileprivate func problems() throws -> [String] {
        let pages = try String.fetchAll(self, sql: "PRAGMA integrity_check(100)").filter { $0 != "ok" }
        // What is counted on damaged pages says nothing.
        guard pages.isEmpty else { return pages }
        let references = try Row.fetchAll(self, sql: "PRAGMA foreign_key_check").map { row in
            "a row of \(row[0] as String? ?? "?") refers to a row of \(row[2] as String? ?? "?") that is not there"
        }
        let found =
            try references + runCounts() + timelineCounts() + jobCountProblems() + errorCountProblems()
            + columnProblems() + auditProblems()
        return Array(found.prefix(100))
    }

    private func runCounts() throws -> [String] {
        let counted = RunState.allCases.map { "sum(r.state = '\($0.rawValue)') AS n_\($0.rawValue)" }
        let differs = RunState.allCases.map { "j.\($0.rawValue) <> n_\($0.rawValue)" }
        return try String.fetchAll(
            self,
            sql: """
                SELECT lower(hex(j.id)) FROM jobs j JOIN (
                    SELECT r.job, sum(r.changed = 1) AS changed, sum(r.changed = 0) AS unchanged,
                        \(counted.joined(separator: ", "))
                    FROM runs r GROUP BY r.job
                ) c USING (job)
                WHERE j.is_deleted = 0 AND (\(differs.joined(separator: " OR ")) OR j.changed_count <> coalesce(c.changed, 0)
                    OR j.unchanged_count <> coalesce(c.unchanged, 0))
                LIMIT 100
                """
        ).map { "job \($0): its counts are not those of its runs" }
    }

    private func timelineCounts() throws -> [String] {
        try String.fetchAll(
            self,
            sql: """
                SELECT lower(hex(id)) FROM jobs j
                WHERE is_deleted = 0 AND timeline_count <> (SELECT count(*) FROM events e WHERE e.job = j.job) LIMIT 100
                """
        ).map { "job \($0): its timeline has lost lines" }
    }

    private func jobCountProblems() throws -> [String] {
        try String.fetchAll(
            self,
            sql: """
                WITH counted AS (
                    SELECT operation_type, status, coalesce(changed, -1) AS changed, count(*) AS number
                    FROM jobs WHERE is_deleted = 0 GROUP BY 1, 2, 3
                ), kept AS (SELECT * FROM job_counts WHERE number <> 0)
                SELECT DISTINCT status FROM (
                    SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
                    UNION SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted)
                )
                """
        ).map { "the number of jobs that are \($0) is not the kept one" }
    }

    private func errorCountProblems() throws -> [String] {
        try String.fetchAll(
            self,
            sql: """
                WITH counted AS (
                    SELECT r.job, coalesce(r.error_code, r.state) AS code, count(*) AS number
                    FROM runs r JOIN jobs j USING (job)
                    WHERE j.is_deleted = 0 AND r.state IN ('failed', 'timed_out', 'cancelled', 'expired', 'lost')
                    GROUP BY 1, 2
                ), kept AS (
                    SELECT e.job, e.code, e.number FROM job_errors e JOIN jobs j USING (job)
                    WHERE j.is_deleted = 0 AND e.number <> 0
                )
                SELECT DISTINCT lower(hex(id)) FROM jobs WHERE job IN (
                    SELECT job FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
                    UNION SELECT job FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted)
                    UNION SELECT j.job FROM jobs j JOIN job_errors e USING (job)
                    WHERE j.is_deleted = 0 AND e.number > j.error_count
                )
                """
        ).map { "job \($0): its errors are not those of its runs" }
    }

    private func columnProblems() throws -> [String] {
        try String.fetchAll(
            self,
            sql: """
                SELECT lower(hex(id)) FROM jobs WHERE is_deleted = 0 AND changed IS NOT
                    (CASE WHEN changed_count > 0 THEN 1 WHEN unchanged_count > 0 THEN 0 END) LIMIT 100
                """
        ).map { "job \($0): whether it changed hosts is not what its counts say" }
    }
}
