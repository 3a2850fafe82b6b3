// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on containers.
    static let container: [any Operation] = [
        ContainerList(), ContainerInspect(), ContainerStart(), ContainerStop(), ContainerRemove(), ContainerPull(),
        ContainerRun(), ContainerExec(),
    ]
}
