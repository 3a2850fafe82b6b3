// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `net.routes`: where the host sends packets.
    static let netRoutes = CatalogueOperation(
        "net.routes",
        .read,
        "Lists the routes of the host's main table, for IPv4 and IPv6, and the way to everywhere else.",
        parameters: .parameters([
            "family": .choice("Of which protocol.", ["any", "ipv4", "ipv6"], default: "any")
        ]),
        result: .record([
            "routes": [
                "type": "array",
                "items": .record([
                    "family": ["type": "string"], "destination": ["type": "string"], "prefix": ["type": "integer"],
                    "gateway": ["type": ["string", "null"]], "interface": ["type": "string"],
                    "metric": ["type": "integer"],
                ]),
            ],
            "truncated": ["type": "boolean"],
        ]),
        examples: [OperationExample("List the routes of hosts", ["family": "ipv4"])]
    )
}
