// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on the kernel.
    static let kernel: [CatalogueOperation] = [.sysctlGet, .sysctlSet, .moduleList, .moduleLoad]
}
