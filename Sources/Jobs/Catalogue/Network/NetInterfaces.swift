// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `net.interfaces`: the network interfaces of the host.
    static let netInterfaces = CatalogueOperation(
        "net.interfaces",
        .read,
        "Lists the network interfaces of the host with their addresses.",
        result: .record([
            "interfaces": [
                "type": "array",
                "items": .record([
                    "name": ["type": "string"], "index": ["type": "integer"], "up": ["type": "boolean"],
                    "loopback": ["type": "boolean"], "state": ["type": ["string", "null"]],
                    "mac": ["type": ["string", "null"]], "mtu": ["type": ["integer", "null"]],
                    "addresses": [
                        "type": "array",
                        "items": .record([
                            "address": ["type": "string"], "prefix": ["type": "integer"], "family": ["type": "string"],
                        ]),
                    ],
                ]),
            ],
            "truncated": ["type": "boolean"],
        ]),
        examples: [OperationExample("List the interfaces of hosts", [:])]
    )
}
