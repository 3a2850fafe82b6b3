// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `container.list`: the containers of the host.
    static let containerList = CatalogueOperation(
        "container.list",
        .read,
        "Lists the containers of the host's Docker or Podman; skipped where there is none.",
        parameters: .parameters([
            "running": .flag("Whether only those that run are listed.", default: false), "socket": .engineSocket,
        ]),
        result: .record([
            "containers": [
                "type": "array",
                "items": .record([
                    "id": ["type": "string"], "name": ["type": "string"], "image": ["type": "string"],
                    "state": ["type": "string"], "status": ["type": "string"], "created_at": ["type": "string"],
                    "labels": ["type": "object"],
                ]),
            ],
            "truncated": ["type": "boolean"],
        ]),
        examples: [OperationExample("List what runs in containers", ["running": true])]
    )
}
