// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations of stored objects, in both directions.
    static let object: [CatalogueOperation] = [.objectFetch, .fileFetch]
}
