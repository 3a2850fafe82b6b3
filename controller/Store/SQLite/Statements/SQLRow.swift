// SPDX-License-Identifier: Apache-2.0

import CSQLite
import FoundationEssentials
import Jobs

/// The row that a query stands at, read by the places of its columns.
///
/// It is gone with the next step of the query. The tables are STRICT, so that a column has the type that it was declared
/// with; the optional forms are for those that may be null.
struct SQLRow {
    let statement: OpaquePointer

    private func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL
    }

    // MARK: Whole numbers

    subscript(column: Int) -> Int64 { sqlite3_column_int64(statement, Int32(column)) }
    subscript(column: Int) -> Int64? { isNull(column) ? nil : self[column] as Int64 }
    subscript(column: Int) -> Int { Int(self[column] as Int64) }
    subscript(column: Int) -> Int? { isNull(column) ? nil : self[column] as Int }
    subscript(column: Int) -> Bool { self[column] as Int64 != 0 }
    subscript(column: Int) -> Bool? { isNull(column) ? nil : self[column] as Bool }

    // MARK: Texts and bytes

    subscript(column: Int) -> String {
        guard let text = sqlite3_column_text(statement, Int32(column)) else { return "" }
        let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, Int32(column))))
        return String(decoding: bytes, as: UTF8.self)
    }

    subscript(column: Int) -> String? { isNull(column) ? nil : self[column] as String }

    subscript(column: Int) -> Data {
        guard let start = sqlite3_column_blob(statement, Int32(column)) else { return Data() }
        return Data(bytes: start, count: Int(sqlite3_column_bytes(statement, Int32(column))))
    }

    subscript(column: Int) -> Data? { isNull(column) ? nil : self[column] as Data }

    // MARK: Values of Broker

    /// A value of a closed set that is stored by its name.
    func stored<Value: RawRepresentable<String>>(_ column: Int, as type: Value.Type = Value.self) throws -> Value {
        let name: String = self[column]
        guard let value = Value(rawValue: name) else {
            throw StoreError(.corrupt, "'\(name)' is no \(type)")
        }
        return value
    }

    /// A time; nil for null.
    func time(_ column: Int) -> Timestamp? {
        (self[column] as Int64?).map(Timestamp.init(milliseconds:))
    }

    /// An error in two columns; nil where there is none.
    func error(code: Int, message: Int) -> RunError? {
        guard let code: String = self[code] else { return nil }
        return RunError(code: code, message: self[message] ?? "")
    }

    /// Any value that is stored as JSON; nil for null.
    func json(_ column: Int) throws -> JSONValue? {
        guard let text: String = self[column] else { return nil }
        do {
            return try JSONText.parse(Array(text.utf8))
        } catch {
            throw StoreError(.corrupt, "a stored value is not readable: \(error.message)")
        }
    }

    /// A value of some type that is stored as JSON; nil for null.
    func json<Value: Decodable>(_ column: Int, as type: Value.Type = Value.self) throws -> Value? {
        guard let text: String = self[column] else { return nil }
        return try JSON.decode(type, from: text.utf8)
    }
}
