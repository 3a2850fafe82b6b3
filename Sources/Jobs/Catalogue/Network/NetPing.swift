// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `net.ping`: whether another host answers.
    static let netPing = CatalogueOperation(
        "net.ping",
        .read,
        "Sends ICMP echo requests to a host, and tells how many were answered and how fast; fails if none was.",
        parameters: .parameters(
            [
                "host": .host("A name or an address."),
                "count": .integer("How many requests.", 1...100, default: 3),
                "interval": .seconds("How long from one request to the next.", atMost: 10, default: 1),
                "reply_timeout": .seconds("How long to wait for each answer.", atMost: 30, default: 2),
                "family": .choice("By which protocol.", ["any", "ipv4", "ipv6"], default: "any"),
            ],
            required: ["host"]
        ),
        result: .record(
            [
                "address": ["type": "string"], "sent": ["type": "integer"], "received": ["type": "integer"],
                "loss_percent": ["type": "number"],
                "rtt_ms": .record([
                    "minimum": ["type": "number"], "average": ["type": "number"], "maximum": ["type": "number"],
                ]),
            ],
            optional: ["rtt_ms"]
        ),
        limit: .seconds(3600),
        examples: [OperationExample("Ask whether hosts reach themselves", ["host": "127.0.0.1", "count": 2])]
    )
}
