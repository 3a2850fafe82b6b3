// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `container.remove`: takes a container away.
    static let containerRemove = CatalogueOperation(
        "container.remove",
        .modify,
        "Takes a container away; one that runs only with force.",
        parameters: .parameters(
            [
                "container": .containerName,
                "force": .flag("Whether one that runs is killed for it.", default: false),
                "volumes": .flag("Whether its volumes without a name go with it.", default: false),
                "socket": .engineSocket,
            ],
            required: ["container"]
        ),
        result: .record(["name": ["type": "string"]]),
        limit: .seconds(120),
        examples: [OperationExample("Take a container away", ["container": "web", "force": true])],
        rules: containerFaults
    )
}
