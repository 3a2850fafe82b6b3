// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `container.start`: has a container run.
    static let containerStart = CatalogueOperation(
        "container.start",
        .modify,
        "Starts a container that does not run.",
        parameters: .parameters(["container": .containerName, "socket": .engineSocket], required: ["container"]),
        result: .containerRecord,
        examples: [OperationExample("Start a container", ["container": "web"])],
        rules: containerFaults
    )
}
