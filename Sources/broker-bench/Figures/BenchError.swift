// SPDX-License-Identifier: Apache-2.0

/// Why there is nothing to measure, in one line.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
