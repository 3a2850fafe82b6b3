// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `file.stat`: what is at a path.
    static let fileStat = CatalogueOperation(
        "file.stat",
        .read,
        "Tells what is at a path: its kind, owner, mode, size and time.",
        parameters: .parameters(
            [
                "path": .path("The path."),
                "follow": .flag("Whether a link at the path is followed.", default: false),
                "sha256": .flag("Whether the SHA-256 of a file's content is told.", default: false),
            ],
            required: ["path"]
        ),
        result: .record(
            [
                "path": ["description": "The path.", "type": "string"],
                "exists": ["description": "Whether there is anything.", "type": "boolean"],
                "kind": [
                    "type": "string", "enum": ["file", "directory", "link", "device", "fifo", "socket"],
                ],
                "mode": ["description": "The permission bits in octal.", "type": "string"],
                "uid": ["type": "integer"],
                "gid": ["type": "integer"],
                "owner": ["description": "The user's name, where the host knows it.", "type": "string"],
                "group": ["description": "The group's name, where the host knows it.", "type": "string"],
                "size": ["description": "Bytes.", "type": "integer"],
                "modified_at": ["description": "When its content was last written.", "type": "string"],
                "link_target": ["description": "Where a link leads, as it is written there.", "type": "string"],
                "sha256": ["description": "The SHA-256 of the content.", "type": "string"],
            ],
            optional: [
                "kind", "mode", "uid", "gid", "owner", "group", "size", "modified_at", "link_target", "sha256",
            ]
        ),
        limit: .seconds(300),
        examples: [
            OperationExample("Look at a file", ["path": "/etc/passwd"]),
            OperationExample("Compare a file on all hosts", ["path": "/etc/hosts", "sha256": true, "follow": true]),
        ],
        rules: { data, pointer in FileParameters.faults(in: data, at: pointer) }
    )
}
