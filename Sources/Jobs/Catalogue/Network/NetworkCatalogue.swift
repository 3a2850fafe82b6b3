// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on the network.
    static let network: [CatalogueOperation] = []
}
