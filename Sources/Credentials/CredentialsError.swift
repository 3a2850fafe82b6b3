// SPDX-License-Identifier: Apache-2.0

/// A key, a certificate or a file of one cannot be read, made or written.
package struct CredentialsError: Error, Sendable, CustomStringConvertible {
    /// A sentence for the person at the terminal.
    package let message: String

    /// Makes an error of its sentence.
    package init(_ message: String) {
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
