// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `host.hostname.set`: gives the host a name, now and for good.
    static let hostnameSet = CatalogueOperation(
        "host.hostname.set",
        .modify,
        "Gives the host a name, at once and in /etc/hostname; the agent keeps the name that it is known by.",
        parameters: .parameters(
            [
                "name": .text(
                    "The name: labels of letters, digits and '-' with dots between, at most 64 bytes.",
                    maximum: 64
                ),
                "hosts": .flag("Whether the line 127.0.1.1 of /etc/hosts is to have the name as well.", default: true),
            ],
            required: ["name"]
        ),
        result: .record(["hostname": ["type": "string"]]),
        examples: [OperationExample("Give a host its name", ["name": "web1.example.com"])],
        rules: { data, pointer in
            guard let name = data["name"]?.string, !isHostname(name) else { return [] }
            return [
                Fault(
                    pointer: "\(pointer)/name",
                    detail: "must be labels of letters, digits and '-', with dots between"
                )
            ]
        }
    )

    /// Whether a text is a name of a host (RFC 1123, section 2.1) that Linux takes.
    static func isHostname(_ name: String) -> Bool {
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let dash = UInt8(ascii: "-")
        return name.utf8.count <= 64
            && labels.allSatisfy { label in
                !label.isEmpty && label.count <= 63 && label.first != dash && label.last != dash
                    && label.allSatisfy { $0.isASCIIAlphanumeric || $0 == dash }
            }
    }
}
