// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `ping`: whether the agent is there and takes jobs.
    static let ping = CatalogueOperation(
        OperationDescriptor(
            type: "ping",
            kind: .read,
            summary: "Answers, and tells the agent's time.",
            schema: .schemaWithoutParameters,
            result: .record(["pong": ["type": "boolean"], "agent_time": ["type": "string"]]),
            examples: [OperationExample("Ask every host for its time", [:])]
        ),
        runLimit: { _ in .seconds(30) }
    )
}
