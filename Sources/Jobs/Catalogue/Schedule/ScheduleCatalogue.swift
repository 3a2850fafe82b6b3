// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on cron.
    static let schedule: [CatalogueOperation] = [.cronList, .cronEnsure, .cronAbsent]
}
