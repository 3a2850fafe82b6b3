// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

extension StoreError {
    /// What a failure inside the store is to its callers: the one place that knows SQLite's codes.
    ///
    /// Cancellation passes through untouched.
    static func mapped(_ error: any Error) -> any Error {
        switch error {
        case is CancellationError, is StoreError: error
        case let error as DatabaseError:
            // Without the statement and its arguments: they may hold what users sent.
            StoreError(
                Code(error.resultCode.primaryResultCode),
                "\(error.message ?? "the database failed") (\(error.extendedResultCode.rawValue))"
            )
        case let error as JSON.Failure: StoreError(.corrupt, "a stored value is not readable: \(error)")
        default: StoreError(.failed, "\(error)")
        }
    }
}

extension StoreError.Code {
    init(_ result: ResultCode) {
        switch result {
        case .SQLITE_FULL: self = .full
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_AUTH: self = .inaccessible
        default: self = .failed
        }
    }
}
