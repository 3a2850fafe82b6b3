// SPDX-License-Identifier: Apache-2.0

/// A call to another server that was not made, or had no answer that can be used.
package struct OutgoingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: Hashable, Sendable {
        /// The URL is none that is called.
        case invalidURL
        /// The name has no address.
        case unresolved
        /// The address is of a kind that is not called.
        case refused
        /// No whole answer came.
        case failed
    }

    /// What kind of failure it is.
    package let code: Code
    /// Why, in words for who set the URL.
    package let message: String

    /// The message.
    package var description: String { message }
}
