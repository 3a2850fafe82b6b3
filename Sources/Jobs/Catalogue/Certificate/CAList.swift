// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `ca.list`: the authorities that were added to those of the host's distribution.
    static let caList = CatalogueOperation(
        "ca.list",
        .read,
        "Lists the authorities that the host trusts on top of those that its distribution brings.",
        result: .record([
            "directory": ["type": "string"],
            "authorities": [
                "type": "array",
                "items": .record([
                    "name": ["type": "string"], "path": ["type": "string"],
                    "fingerprint": ["type": ["string", "null"]], "subject": ["type": ["string", "null"]],
                    "not_after": ["type": ["string", "null"]],
                ]),
            ],
            "truncated": ["type": "boolean"],
        ]),
        examples: [OperationExample("List the authorities that were added", [:])]
    )

    /// The parameter that names the file of an authority.
    static let authorityName = JSONValue.text(
        "The name of its file, without an ending: letters, digits and '._-'.",
        .word,
        maximum: 100
    )

    /// The fault of a name that could be a path, or be hidden.
    static func authorityFaults(_ data: JSONValue, _ pointer: String) -> [Fault] {
        guard let name = data["name"]?.string else { return [] }
        let isName =
            name.utf8.first?.isASCIIAlphanumeric == true
            && name.utf8.allSatisfy { $0.isASCIIAlphanumeric || "._-".utf8.contains($0) }
        return isName ? [] : [Fault(pointer: "\(pointer)/name", detail: "must be letters, digits and '._-'")]
    }
}
