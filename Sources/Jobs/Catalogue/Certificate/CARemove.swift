// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `ca.remove`: an authority that the host is not to trust any more.
    static let caRemove = CatalogueOperation(
        "ca.remove",
        .modify,
        "Has the host no longer trust an authority that was added, by its name or its fingerprint.",
        parameters: .parameters([
            "name": authorityName,
            "fingerprint": .text("The SHA-256 of the certificate, whatever its file is called.", .sha256, maximum: 64),
        ]),
        result: .record(["removed": ["type": "array", "items": ["type": "string"]]]),
        limit: .seconds(300),
        examples: [OperationExample("Take an authority away", ["name": "example-root"])],
        rules: { data, pointer in
            let faults = authorityFaults(data, pointer)
            guard faults.isEmpty, (data["name"] == nil) == (data["fingerprint"] == nil) else { return faults }
            return [Fault(pointer: pointer, detail: "needs one of name and fingerprint")]
        }
    )
}
