// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on packages.
    static let package: [any Operation] = [
        PackageList(), PackageGet(), PackageInstall(), PackageRemove(), PackageUpgrade(), PackageUpdates(),
    ]
}
