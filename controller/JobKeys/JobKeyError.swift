// SPDX-License-Identifier: Apache-2.0

/// The controller's job keys could not be read, made or changed.
package struct JobKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Sendable {
        /// A file could not be read or written.
        case file
        /// A file is not what it should be.
        case damaged
        /// There is no such key.
        case unknownKey = "unknown_key"
        /// The key signs jobs, so it cannot be retired.
        case inUse = "in_use"
        /// There are as many keys as there may be.
        case tooMany = "too_many"
    }

    /// What kind of failure it is.
    package let code: Code
    /// A sentence for the person at the terminal.
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
