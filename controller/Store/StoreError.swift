// SPDX-License-Identifier: Apache-2.0

/// A store could not do what was asked.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    package enum Code: String, Sendable {
        /// The database was written by a newer version.
        case newerSchema
        /// The disk is full.
        case full
        /// The database is damaged or no database.
        case corrupt
        /// The file cannot be opened, read or written.
        case inaccessible
        /// Anything else that the database reported.
        case failed
    }

    /// What went wrong.
    package let code: Code
    /// What happened, in words.
    package let message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
