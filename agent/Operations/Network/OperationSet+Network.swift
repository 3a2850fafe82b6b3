// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on the network.
    static let network: [any Operation] = [
        NetInterfaces(), NetRoutes(), NetDNSGet(), NetDNSSet(), NetPing(), NetPortCheck(), NetHTTPCheck(),
    ]
}
