// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// An open SQLite database; the only place that knows SQLite's C functions.
///
/// Not to be shared: the owner lets one at a time use it.
final class SQLite {
    /// A value of a column or of a parameter.
    enum Value: Hashable, Sendable {
        case null
        case integer(Int64)
        case text(String)
        case bytes([UInt8])
    }

    private let handle: OpaquePointer
    /// Those that were prepared, by their texts.
    private(set) var statements: [String: OpaquePointer] = [:]

    /// Opens a database file, and makes it if there is none.
    ///
    /// - Throws: ``LedgerError`` with the code `cannot_open`.
    init(path: String) throws(LedgerError) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let result = sqlite3_open_v2(path, &handle, flags, nil)
        guard result == SQLITE_OK, let handle else {
            let reason = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw LedgerError(code: .cannotOpen, message: "cannot open the ledger '\(path)': \(reason)")
        }
        self.handle = handle
        sqlite3_extended_result_codes(handle, 1)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// How many rows the last statement inserted, changed or deleted.
    var changes: Int { Int(sqlite3_changes(handle)) }

    /// Runs a statement that answers nothing, or whose answer does not matter.
    func run(_ sql: String, _ parameters: Value...) throws(LedgerError) {
        try each(sql, parameters) { _ in true }
    }

    /// The first row of an answer; nil if there is none.
    func first<Result>(
        _ sql: String,
        _ parameters: Value...,
        row: (SQLiteRow) throws(LedgerError) -> Result
    ) throws(LedgerError) -> Result? {
        var result: Result?
        try each(sql, parameters) { (found) throws(LedgerError) in
            result = try row(found)
            return false
        }
        return result
    }

    /// All rows of an answer; the statement bounds them.
    func all<Result>(
        _ sql: String,
        _ parameters: Value...,
        row: (SQLiteRow) throws(LedgerError) -> Result
    ) throws(LedgerError) -> [Result] {
        var results: [Result] = []
        try each(sql, parameters) { (found) throws(LedgerError) in
            results.append(try row(found))
            return true
        }
        return results
    }

    /// Calls `row` with each row until it answers false.
    func each(
        _ sql: String,
        _ parameters: [Value],
        row: (SQLiteRow) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        let statement = try prepared(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in parameters.enumerated() { try bind(value, to: statement, at: Int32(index + 1)) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                guard try row(SQLiteRow(statement)) else { return }
            case SQLITE_DONE: return
            default: throw failure()
            }
        }
    }

    /// Runs `body` in a transaction: all of it is stored and on the disk when this returns, or nothing.
    func transaction<Result>(_ body: () throws(LedgerError) -> Result) throws(LedgerError) -> Result {
        try run("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // SQLite may have rolled back by itself, as when the disk is full.
            if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }

    private func prepared(_ sql: String) throws(LedgerError) -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK,
            let statement
        else { throw failure() }
        statements[sql] = statement
        return statement
    }

    private func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) throws(LedgerError) {
        // SQLITE_TRANSIENT, which Swift cannot import: SQLite makes a copy of its own.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let result =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let value): sqlite3_bind_int64(statement, index, value)
            case .text(let text):
                sqlite3_bind_text64(
                    statement,
                    index,
                    text,
                    UInt64(text.utf8.count),
                    copied,
                    UInt8(SQLITE_UTF8)
                )
            case .bytes(let bytes):
                sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), copied)
            }
        guard result == SQLITE_OK else { throw failure() }
    }

    /// What SQLite says of the last failure.
    private func failure() -> LedgerError {
        let message = String(cString: sqlite3_errmsg(handle))
        let code: LedgerError.Code =
            switch sqlite3_errcode(handle) & 0xFF {
            case SQLITE_FULL: .diskFull
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_BUSY, SQLITE_LOCKED: .inUse
            default: .failed
            }
        return LedgerError(code: code, message: message)
    }
}

/// A row of an answer; good only until the next one.
struct SQLiteRow {
    private let statement: OpaquePointer

    fileprivate init(_ statement: OpaquePointer) {
        self.statement = statement
    }

    /// Whether a column is null.
    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    /// A whole number; 0 for null.
    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(statement, column)
    }

    /// Text; empty for null.
    func text(_ column: Int32) -> String {
        String(decoding: bytes(column), as: UTF8.self)
    }

    /// Bytes; none for null.
    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }
}
