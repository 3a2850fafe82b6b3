// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on users and groups.
    static let user: [CatalogueOperation] = []
}
