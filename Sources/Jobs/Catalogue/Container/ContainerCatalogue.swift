// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on containers.
    static let container: [CatalogueOperation] = []
}
