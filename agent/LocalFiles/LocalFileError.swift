// SPDX-License-Identifier: Apache-2.0

/// A file of the host that cannot be used.
package struct LocalFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with it, without its name.
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
