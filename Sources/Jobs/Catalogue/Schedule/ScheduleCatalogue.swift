// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on work at set times.
    static let schedule: [CatalogueOperation] = []
}
