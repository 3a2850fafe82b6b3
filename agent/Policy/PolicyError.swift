// SPDX-License-Identifier: Apache-2.0

import LocalFiles

/// A policy that cannot be used.
package struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and where.
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    init(_ error: LocalFileError) {
        description = error.description
    }

    init(line: Int, _ description: String) {
        self.description = "line \(line): \(description)"
    }
}
