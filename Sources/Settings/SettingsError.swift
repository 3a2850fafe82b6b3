// SPDX-License-Identifier: Apache-2.0

/// The settings cannot be used; the message is one line that says which setting, from where, and why.
package struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package let message: String

    /// Makes an error of its message.
    package init(_ message: String) {
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
