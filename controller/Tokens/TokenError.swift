// SPDX-License-Identifier: Apache-2.0

/// A token that is not accepted, or keys that cannot be used.
package struct TokenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why, in words for who showed the token, or who set up the keys.
    package let message: String

    /// Makes an error of its message.
    package init(_ message: String) {
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
