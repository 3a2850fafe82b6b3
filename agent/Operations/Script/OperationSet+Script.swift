// SPDX-License-Identifier: Apache-2.0

import Jobs

extension OperationSet {
    /// The operations on scripts.
    static let script: [any Operation] = [CommandOperation(.script)]
}
