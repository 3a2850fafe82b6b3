// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `container.inspect`: one container.
    static let containerInspect = CatalogueOperation(
        "container.inspect",
        .read,
        "Tells of one container; of its variables the names alone, since their values may be secrets.",
        parameters: .parameters(["container": .containerName, "socket": .engineSocket], required: ["container"]),
        result: .record([
            "id": ["type": "string"], "name": ["type": "string"], "image": ["type": "string"],
            "image_id": ["type": "string"], "state": ["type": "string"], "exit_code": ["type": ["integer", "null"]],
            "started_at": ["type": ["string", "null"]], "restart": ["type": "string"],
            "command": ["type": "array", "items": ["type": "string"]],
            "variables": ["type": "array", "items": ["type": "string"]], "labels": ["type": "object"],
            "mounts": ["type": "array"], "addresses": ["type": "object"],
        ]),
        examples: [OperationExample("Look at a container", ["container": "web"])],
        rules: containerFaults
    )
}
