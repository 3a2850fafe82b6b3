// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `net.port.check`: whether a port takes connections.
    static let netPortCheck = CatalogueOperation(
        "net.port.check",
        .read,
        "Connects to a TCP port, and fails if that is not open, or not closed, as it is expected to be.",
        parameters: .parameters(
            [
                "host": .host("A name or an address."),
                "port": .integer("The port.", 1...65_535),
                "expect": .choice("What it is expected to be.", ["open", "closed"], default: "open"),
                "connect_timeout": .seconds("How long to try.", atMost: 300, default: 5),
            ],
            required: ["host", "port"]
        ),
        result: .record(
            [
                "open": ["type": "boolean"], "address": ["type": "string"], "latency_ms": ["type": "number"],
                "reason": ["type": "string"],
            ],
            optional: ["address", "latency_ms", "reason"]
        ),
        limit: .seconds(330),
        examples: [
            OperationExample(
                "Make sure that hosts offer no telnet",
                ["host": "127.0.0.1", "port": 23, "expect": "closed"]
            )
        ]
    )
}
