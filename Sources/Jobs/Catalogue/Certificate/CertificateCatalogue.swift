// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on authorities that the host trusts.
    static let certificate: [CatalogueOperation] = [.caList, .caAdd, .caRemove]
}
