// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on logs.
    static let log: [CatalogueOperation] = [.logQuery]
}
