// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on scripts.
    static let script: [any Operation] = []
}
