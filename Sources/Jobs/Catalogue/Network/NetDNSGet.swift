// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `net.dns.get`: whom the host asks for names.
    static let netDNSGet = CatalogueOperation(
        "net.dns.get",
        .read,
        "Tells whom the host asks for names, by /etc/resolv.conf, and who looks after that file.",
        result: .record([
            "nameservers": ["type": "array", "items": ["type": "string"]],
            "search": ["type": "array", "items": ["type": "string"]],
            "options": ["type": "array", "items": ["type": "string"]], "link": ["type": ["string", "null"]],
        ]),
        examples: [OperationExample("Ask hosts for their name servers", [:])]
    )
}
