// SPDX-License-Identifier: Apache-2.0

/// Something that the user gave cannot be used.
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to do about it.
    package let description: String

    /// Makes an error of its message.
    package init(_ description: String) {
        self.description = description
    }
}
