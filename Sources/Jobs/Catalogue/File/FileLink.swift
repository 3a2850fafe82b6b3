// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `file.link`: a symbolic link.
    static let fileLink = CatalogueOperation(
        "file.link",
        .modify,
        "Makes a symbolic link, or leads one elsewhere.",
        parameters: .parameters(
            [
                "path": .path("The link."),
                "target": .text(
                    "Where it leads: an absolute path, or one from the link's directory on.",
                    .line,
                    maximum: 4095
                ),
                "force": .flag("Whether a file in its place is replaced; a directory never is.", default: false),
            ],
            required: ["path", "target"]
        ),
        result: FileParameters.result([
            "path": ["description": "The link.", "type": "string"],
            "target": ["description": "Where it leads.", "type": "string"],
            "target_exists": ["description": "Whether there is anything.", "type": "boolean"],
        ]),
        examples: [
            OperationExample(
                "Lead a name to the present version",
                ["path": "/opt/app-current", "target": "app-1.4.2"]
            )
        ],
        rules: { data, pointer in FileParameters.faults(in: data, at: pointer) }
    )
}
