// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `net.dns.set`: whom the host asks for names.
    static let netDNSSet = CatalogueOperation(
        "net.dns.set",
        .modify,
        "Sets whom the host asks for names, in /etc/resolv.conf; skipped where that is a link that another program keeps.",
        parameters: .parameters(
            [
                "nameservers": .list(
                    "Addresses, of which Linux asks three.",
                    of: .text("An IP address.", .word),
                    1...3
                ),
                "search": .list(
                    "Domains to look in; what is there stays if this is left out.",
                    of: .host("A domain."),
                    0...6
                ),
                "options": .list(
                    "Options as resolv.conf(5) has them; what is there stays if this is left out.",
                    of: .text("An option such as 'timeout:1'.", .word, maximum: 64),
                    0...16
                ),
            ],
            required: ["nameservers"]
        ),
        result: .record(["nameservers": ["type": "array", "items": ["type": "string"]]]),
        examples: [
            OperationExample(
                "Have hosts ask two servers",
                ["nameservers": ["192.0.2.53", "2001:db8::53"], "search": ["example.com"], "options": ["timeout:1"]]
            )
        ]
    )
}
