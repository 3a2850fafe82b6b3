// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on work at set times.
    static let schedule: [any Operation] = []
}
