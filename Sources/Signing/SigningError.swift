// SPDX-License-Identifier: Apache-2.0

/// Keys or signatures that cannot be read or made.
package struct SigningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Sendable {
        /// A text is no set of job keys.
        case malformed
        /// Bytes are no key.
        case invalidKey = "invalid_key"
        /// The library refused to sign.
        case notSigned = "not_signed"
    }

    /// What kind of failure it is.
    package let code: Code
    /// What happened, in words.
    package let message: String

    /// Makes an error of its code and its message.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
