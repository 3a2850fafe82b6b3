// SPDX-License-Identifier: Apache-2.0

import CSQLite
import FoundationEssentials

/// A value that a statement can be given.
protocol SQLValue {
    /// Binds the value; gives the result code of SQLite.
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32
}

extension Int64: SQLValue {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        sqlite3_bind_int64(statement, place, self)
    }
}

extension Int: SQLValue {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        sqlite3_bind_int64(statement, place, Int64(self))
    }
}

extension Bool: SQLValue {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        sqlite3_bind_int64(statement, place, self ? 1 : 0)
    }
}

/// Tells SQLite to copy what it is given (SQLITE_TRANSIENT, which is a macro that Swift does not see).
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension String: SQLValue {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // A null pointer would bind NULL, and an empty text may have one.
                guard let start = characters.baseAddress else {
                    return sqlite3_bind_text(statement, place, "", 0, copied)
                }
                return sqlite3_bind_text64(
                    statement,
                    place,
                    start,
                    UInt64(characters.count),
                    copied,
                    UInt8(SQLITE_UTF8)
                )
            }
        }
    }
}

extension Data: SQLValue {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return sqlite3_bind_zeroblob(statement, place, 0) }
            return sqlite3_bind_blob64(statement, place, start, UInt64(bytes.count), copied)
        }
    }
}

extension Optional: SQLValue where Wrapped: SQLValue {
    func bind(to statement: OpaquePointer, at place: Int32) -> Int32 {
        switch self {
        case .some(let value): value.bind(to: statement, at: place)
        case .none: sqlite3_bind_null(statement, place)
        }
    }
}
