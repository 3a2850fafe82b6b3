// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    static let fileFetch = CatalogueOperation(
        "file.fetch",
        .read,
        "Takes a file of each host to the controller's objects, as hosts/HOSTNAME/OBJECT.",
        parameters: .parameters(
            [
                "path": .path("The file; a link is followed."),
                "object": .text(
                    "The name of the object below hosts/HOSTNAME/; the path without its first '/' if left out.",
                    .objectName,
                    maximum: ObjectName.maximumBytes
                ),
                "maximum_bytes": .integer("The most bytes that the file may have.", 1...(1 << 40), default: 100 << 20),
                "timeout": .seconds("How long it may take, in seconds.", atMost: 86_400, default: 3600),
            ],
            required: ["path"]
        ),
        result: .record([
            "object": ["type": "string"], "sha256": ["type": "string"], "size": ["type": "integer"],
        ]),
        limit: .seconds(3600),
        examples: [
            OperationExample(
                "Take the hosts' message of the day: hosts/HOSTNAME/etc/motd",
                ["path": "/etc/motd"]
            )
        ]
    )
}
