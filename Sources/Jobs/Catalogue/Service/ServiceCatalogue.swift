// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on services.
    static let service: [CatalogueOperation] = []
}
