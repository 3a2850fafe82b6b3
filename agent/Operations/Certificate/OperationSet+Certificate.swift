// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on authorities that the host trusts.
    static let certificate: [any Operation] = [CAList(), CAAdd(), CARemove()]
}
