// SPDX-License-Identifier: Apache-2.0

import Credentials

/// What went wrong while certificates were made, read or written.
package struct AuthorityError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure a caller may want to tell apart.
    package enum Code: String, Sendable {
        /// The directory holds a certificate authority already; it is never overwritten.
        case authorityExists = "authority_exists"
        /// A name is neither a DNS name nor an IP address.
        case invalidName = "invalid_name"
        /// The certificate and the private key do not belong together, or the certificate is no authority.
        case invalidAuthority = "invalid_authority"
        /// A file could not be read or written.
        case file = "file"
        /// A certificate or key could not be encoded or decoded.
        case encoding = "encoding"
        /// A certificate request is none, is too large, or is not signed with its key.
        case invalidRequest = "invalid_request"
    }

    /// Which kind of failure this is.
    package var code: Code
    /// A sentence for the person at the terminal.
    package var message: String
    /// What was caught underneath, if anything.
    package var cause: (any Error)?

    /// The message, with the cause behind it.
    package var description: String {
        guard let cause else { return message }
        return "\(message): \(cause)"
    }

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Reads or writes files, and gives what goes wrong this module's error type.
    static func files<Value>(_ body: () throws(CredentialsError) -> Value) throws(AuthorityError) -> Value {
        do { return try body() } catch { throw AuthorityError(.file, error.message) }
    }

    /// Runs `body` and gives whatever it throws this module's error type.
    static func wrapping<Value>(
        _ code: Code,
        _ message: @autoclosure () -> String,
        _ body: () throws -> Value
    ) throws(AuthorityError) -> Value {
        do {
            return try body()
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw AuthorityError(code, message(), cause: error)
        }
    }
}
