// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on services.
    static let service: [any Operation] = []
}
