// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on logs.
    static let log: [any Operation] = [LogQuery()]
}
