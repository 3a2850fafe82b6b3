// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on processes.
    static let process: [CatalogueOperation] = []
}
