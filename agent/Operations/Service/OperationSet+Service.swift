// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on services.
    static let service: [any Operation] = [
        ServiceList(), ServiceGet(), ServiceAction(.start), ServiceAction(.stop), ServiceAction(.restart),
        ServiceAction(.reload), ServiceEnablement(enables: true), ServiceEnablement(enables: false),
        ServiceUnitDeploy(),
        ServiceUnitRemove(),
    ]
}
