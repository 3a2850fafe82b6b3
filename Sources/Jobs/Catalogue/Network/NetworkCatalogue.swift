// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on the network.
    static let network: [CatalogueOperation] = [
        .netInterfaces, .netRoutes, .netDNSGet, .netDNSSet, .netPing, .netPortCheck, .netHTTPCheck,
    ]
}

extension JSONValue {
    /// The parameter that names another host.
    static func host(_ description: String) -> JSONValue {
        text(description, .word, maximum: 253)
    }
}
