// SPDX-License-Identifier: Apache-2.0

/// The ledger could not be opened, read or written.
package struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Sendable {
        /// The file cannot be opened or made.
        case cannotOpen = "cannot_open"
        /// The file is no ledger, or it is damaged.
        case corrupt
        /// Another process has the ledger open.
        case inUse = "in_use"
        /// A newer agent wrote it.
        case newerSchema = "newer_schema"
        /// There is no room left on the disk; nothing of the change was stored.
        case diskFull = "disk_full"
        /// Anything else that SQLite reports; nothing of the change was stored.
        case failed
    }

    /// What kind of failure it is.
    package let code: Code
    /// What happened, in words.
    package let message: String

    /// Makes an error of its code and its message.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// Both, for a log.
    package var description: String { "\(code.rawValue): \(message)" }
}
