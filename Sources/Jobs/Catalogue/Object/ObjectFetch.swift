// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    static let objectFetch = CatalogueOperation(
        "object.fetch",
        .modify,
        "Brings a stored object to the hosts ahead of its use, so that a later job has it there at once. `changed` says "
            + "whether it had to be brought; where other operations bring objects, that is no change.",
        parameters: .parameters(
            [
                "object": .storedObject("The name of the object."),
                "timeout": .seconds("How long it may take, in seconds.", atMost: 86_400, default: 3600),
            ],
            required: ["object"]
        ),
        result: .record([
            "name": ["type": "string"], "sha256": ["type": "string"], "size": ["type": "integer"],
        ]),
        limit: .seconds(3600),
        examples: [
            OperationExample("Bring a release to the hosts before it is deployed", ["object": "app-1.2.0.tar.gz"])
        ]
    )
}
