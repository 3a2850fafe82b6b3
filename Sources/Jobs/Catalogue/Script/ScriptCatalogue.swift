// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on scripts.
    static let script: [CatalogueOperation] = [.scriptRun]
}
