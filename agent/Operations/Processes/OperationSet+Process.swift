// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on processes.
    static let process: [any Operation] = [ProcessList(), ProcessGet(), ProcessSignal()]
}
