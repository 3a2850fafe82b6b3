// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `package.get`: what there is of a package, and what there could be.
    static let packageGet = CatalogueOperation(
        "package.get",
        .read,
        "Tells the version of a package on the host, and the versions that its index has.",
        parameters: .parameters(["name": .text("The package.", .packageName, maximum: 255)], required: ["name"]),
        result: .record([
            "manager": PackageParameters.manager, "name": .text("The package."),
            "installed": ["description": "Whether it is installed.", "type": "boolean"],
            "state": .choice(
                "How much of it there is: configuration is what a removal has kept, incomplete what was broken off.",
                ["installed", "configuration", "incomplete", "absent"]
            ),
            "version": nullable("The version that there is."),
            "architecture": nullable("Its architecture."),
            "summary": nullable("What it is."),
            "held": ["description": "Whether it is held at its version.", "type": "boolean"],
            "candidate": nullable("The version that would be installed."),
            "versions": .list("The versions in the index, at most 100.", of: ["type": "string"], 0...100),
        ]),
        limit: .seconds(120),
        examples: [OperationExample("Look at a package", ["name": "bash"])],
        rules: { data, pointer in
            guard data["name"]?.string?.contains("=") == true else { return [] }
            return [Fault(pointer: "\(pointer)/name", detail: "must be a name without a version")]
        }
    )

    private static func nullable(_ description: String) -> JSONValue {
        ["description": .string(description), "type": ["string", "null"]]
    }
}
