// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `host.facts`: what the host is made of.
    static let hostFacts = CatalogueOperation(
        OperationDescriptor(
            type: "host.facts",
            kind: .read,
            summary: "Tells the facts of the host: operating system, kernel, processors, memory, disks, addresses.",
            schema: .schemaWithoutParameters,
            result: ["type": "object"],
            examples: [OperationExample("Collect the facts of hosts", [:])]
        ),
        runLimit: { _ in .seconds(60) }
    )
}
