// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on the host itself.
    static let host: [CatalogueOperation] = [
        .hostnameGet, .hostnameSet, .timezoneGet, .timezoneSet, .hostReboot, .hostShutdown,
    ]
}
