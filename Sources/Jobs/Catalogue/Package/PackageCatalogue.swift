// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on packages.
    static let package: [CatalogueOperation] = [
        .packageList, .packageGet, .packageInstall, .packageRemove, .packageUpgrade, .packageUpdates,
    ]
}
