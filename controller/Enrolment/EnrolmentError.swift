// SPDX-License-Identifier: Apache-2.0

/// A request about agents and their certificates that is not granted.
package struct EnrolmentError: Error, Sendable, CustomStringConvertible {
    /// Why.
    package enum Code: String, Sendable {
        /// The certificate request or the hostname cannot be used.
        case invalidRequest
        /// No such token, or it is revoked, used up or out of its time; the key is rejected or revoked.
        case refused
        /// Too many requests wait, or come from one address.
        case tooMany
        /// This controller issues no certificates.
        case noAuthority
        /// There is no such request, agent or token.
        case notFound
        /// Several fit, and it has to be said which.
        case ambiguous
        /// The controller's own files or settings do not let it.
        case failed
    }

    /// Why.
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
