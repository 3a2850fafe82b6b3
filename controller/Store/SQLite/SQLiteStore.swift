// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs
import Synchronization

/// The embedded store: one SQLite file, one writer, readers beside it.
///
/// What a method committed has been synchronised to the disk (`synchronous=FULL`) when it returns. The rules of runs
/// and jobs are those of `RunStateMachine` and `JobStateMachine`; this type loads, asks them, and writes. One process
/// at a time may use a file.
///
/// A method whose task is cancelled throws `CancellationError`. A write that has begun to wait for its turn is done all
/// the same: it may have been committed together with others by then.
package final class SQLiteStore: JobStore {
    /// How a store is opened.
    package struct Configuration: Sendable {
        /// How many reads can go on at the same time.
        package var readers = 4
        /// How long to wait for a lock that another process holds on the file.
        package var busyTimeout: Duration = .seconds(5)
        /// The most pages that the file may have; nil for SQLite's own limit.
        package var maximumPages: Int?
        /// Called with each statement that is executed, without its arguments; for diagnosis.
        package var onStatement: (@Sendable (String) -> Void)?

        /// The defaults.
        package init() {}
    }

    /// A random id made when the store was created.
    package let storeID: String

    /// How many transactions this process has committed.
    package var version: UInt64 { writer.version }

    /// Rings after each of them.
    package var commits: CommitBell { writer.bell }
    /// How much waits to be written.
    var waitingWrites: Int { writer.waitingCount }

    private let database: any DatabaseWriter
    private let writer: GroupWriter
    /// What is counted of its work.
    let measured = StoreMetrics()
    private let isClosed = Atomic(false)

    /// Opens the store in the file at `path`; makes it, or brings it to this version, where need be.
    ///
    /// - Throws: ``StoreError``: `newerSchema` for a file of a newer version, `corrupt` for one that is damaged or no
    ///   database, `inaccessible` where the file or its directory cannot be read and written, `full`.
    package convenience init(path: String, configuration: Configuration = Configuration()) throws {
        try self.init(configuration) { settings in
            try Self.refuseNewer(path, settings)
            let pool = try DatabasePool(path: path, configuration: settings)
            // A pool lowers this to NORMAL, with which a power cut takes the last commits along.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        }
    }

    /// Makes a store in memory, which is gone when it is closed; for tests.
    ///
    /// - Throws: ``StoreError``.
    package static func inMemory(configuration: Configuration = Configuration()) throws -> SQLiteStore {
        try SQLiteStore(configuration) { try DatabaseQueue(configuration: $0) }
    }

    private init(_ configuration: Configuration, open: (GRDB.Configuration) throws -> any DatabaseWriter) throws {
        SQLiteLibrary.setUp
        do {
            database = try open(configuration.settings)
            storeID = try Self.prepare(database)
            writer = GroupWriter(database, metrics: measured)
        } catch {
            throw StoreError.mapped(error)
        }
    }

    /// Looks at a file before anything opens it for writing, so that one of a newer version is left as it is.
    private static func refuseNewer(_ path: String, _ settings: GRDB.Configuration) throws {
        var settings = settings
        settings.readonly = true
        let file: DatabaseQueue
        do { file = try DatabaseQueue(path: path, configuration: settings) } catch DatabaseError.SQLITE_CANTOPEN {
            // There is no file yet, or the attempt to make one will tell what is wrong.
            return
        }
        guard try !file.read(Schema.migrator.hasBeenSuperseded) else {
            throw StoreError(.newerSchema, "the database was written by a newer version")
        }
        try file.close()
    }

    private static func prepare(_ database: any DatabaseWriter) throws -> String {
        try checkHealth(database)
        try Schema.migrator.migrate(database)
        let id = try database.read { try String.fetchOne($0, sql: "SELECT store_id FROM meta") }
        guard let id else { throw StoreError(.corrupt, "the database has lost its id") }
        return id
    }

    // MARK: Health

    /// Refuses a damaged file before anything is read of it.
    ///
    /// A value of the wrong kind in a damaged row would end the process where it is met, time and again, and a damaged
    /// index would hide records. Reads the whole file once.
    private static func checkHealth(_ database: any DatabaseWriter) throws {
        let finding = try database.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
        guard finding == "ok" else {
            throw StoreError(.corrupt, "the database is damaged: \(finding ?? "it cannot be checked")")
        }
    }

    /// Fails if the store cannot take writes now; found out by a small write, which is synchronised like any other.
    package func checkWritable() async throws {
        try await write { try $0.execute(sql: "UPDATE meta SET write_checks = write_checks + 1") }
    }

    /// Closes the store; pending writes are done first.
    ///
    /// Further calls throw, but for closing again, which is harmless.
    package func close() async throws {
        guard !isClosed.exchange(true, ordering: .sequentiallyConsistent) else { return }
        do {
            // Waits without blocking a thread for what is under way; what `close` itself then waits for is next to
            // nothing. The log is emptied here, since the readers, which are closed last, may not do that.
            try await database.barrierWriteWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        } catch {
            // Full disk or cancelled: the log stays and is taken in when the file is next opened; nothing is lost.
        }
        do { try database.close() } catch { throw StoreError.mapped(error) }
    }

    // MARK: Transactions

    /// Does `body` in one transaction, which is on disk when this returns, together with whatever else waits to be written.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try checkOpen()
        try Task.checkCancellation()
        do { return try await writer.write(body) } catch { throw StoreError.mapped(error) }
    }

    /// Does `body` on one state of the database, beside the writer.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try checkOpen()
        do { return try await database.read(body) } catch { throw StoreError.mapped(error) }
    }

    private func checkOpen() throws {
        if isClosed.load(ordering: .sequentiallyConsistent) { throw StoreError(.failed, "the store is closed") }
    }
}

extension SQLiteStore.Configuration {
    fileprivate var settings: GRDB.Configuration {
        var settings = GRDB.Configuration()
        settings.label = "broker.store"
        settings.maximumReaderCount = readers
        settings.busyMode = .timeout(Double(busyTimeout.wholeMilliseconds) / 1000)
        settings.foreignKeysEnabled = true
        settings.prepareDatabase { [maximumPages, onStatement] db in
            // In KiB. The writer's holds the inner pages of all indexes; readers find in the system's cache what is not in theirs.
            try db.execute(sql: "PRAGMA cache_size = \(db.configuration.readonly ? -4096 : -16384)")
            if let maximumPages { try db.execute(sql: "PRAGMA max_page_count = \(maximumPages)") }
            if let onStatement {
                db.trace { event in
                    if case .statement(let statement) = event { onStatement(statement.sql) }
                }
            }
        }
        return settings
    }
}
