// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on the kernel.
    static let kernel: [any Operation] = [SysctlGet(), SysctlSet(), ModuleList(), ModuleLoad()]
}
