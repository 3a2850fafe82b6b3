// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `container.stop`: has a container not run.
    static let containerStop = CatalogueOperation(
        "container.stop",
        .modify,
        "Stops a container that runs.",
        parameters: .parameters(
            [
                "container": .containerName,
                "grace": .integer(
                    "How many seconds it gets to end by itself before it is killed.",
                    0...600,
                    default: 10
                ),
                "socket": .engineSocket,
            ],
            required: ["container"]
        ),
        result: .containerRecord,
        limit: .seconds(660),
        examples: [OperationExample("Stop a container", ["container": "web", "grace": 30])],
        rules: containerFaults
    )
}
