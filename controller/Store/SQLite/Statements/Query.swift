// SPDX-License-Identifier: Apache-2.0

import CSQLite
import GRDB

/// A prepared statement that is bound and stepped directly.
///
/// Lists of arguments and rows of GRDB cost more than what SQLite does for a row that is found by its key, and a broadcast
/// has a dozen such statements for each agent. Connections, transactions and the cache of statements are GRDB's.
///
/// ```swift
/// try db.query("SELECT state FROM runs WHERE job = ? AND agent = ?").with(job).with(agent).first { $0[0] as String }
/// ```
struct Query {
    private let db: Database
    private let statement: Statement
    private var place: Int32 = 0
    private var failure = SQLITE_OK

    fileprivate init(_ db: Database, _ statement: Statement) {
        self.db = db
        self.statement = statement
    }

    private var handle: OpaquePointer { statement.sqliteStatement }

    // MARK: Arguments

    /// The same with its next argument.
    func with(_ value: some SQLValue) -> Query {
        var query = self
        query.bind(value)
        return query
    }

    /// The same with its next arguments.
    func with(all values: [any SQLValue]) -> Query {
        var query = self
        for value in values { query.bind(value) }
        return query
    }

    private mutating func bind(_ value: some SQLValue) {
        place += 1
        let code = value.bind(to: handle, at: place)
        if code != SQLITE_OK, failure == SQLITE_OK { failure = code }
    }

    // MARK: Execution

    /// Executes a statement that gives no rows.
    func execute() throws {
        try each { _ in true }
    }

    /// The first row; nil where there is none.
    func first<Value>(_ read: (SQLRow) throws -> Value) throws -> Value? {
        var value: Value?
        try each { row in
            value = try read(row)
            return false
        }
        return value
    }

    /// All rows, read before the first is worked on: work may change what the query walks through.
    func all<Value>(_ read: (SQLRow) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        try each { row in
            values.append(try read(row))
            return true
        }
        return values
    }

    /// Goes through the rows for as long as `read` returns true.
    func each(_ read: (SQLRow) throws -> Bool) throws {
        defer {
            sqlite3_reset(handle)
            // Statements are kept; what they were given must not be.
            sqlite3_clear_bindings(handle)
        }
        try check(failure)
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: guard try read(SQLRow(statement: handle)) else { return }
            case SQLITE_DONE: return
            case let code: try check(code)
            }
        }
    }

    private func check(_ code: Int32) throws {
        guard code != SQLITE_OK else { return }
        let connection = sqlite3_db_handle(handle)
        throw DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: sqlite3_errmsg(connection).map { String(cString: $0) },
            sql: statement.sql
        )
    }
}

extension Database {
    /// The statement of this text, prepared once a connection.
    func query(_ sql: String) throws -> Query {
        Query(self, try cachedStatement(sql: sql))
    }

    /// The statement of this text, prepared for this once: texts of which there are too many kinds to keep.
    func once(_ sql: String) throws -> Query {
        Query(self, try makeStatement(sql: sql))
    }
}
