// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `ping`: whether the agent is there and takes jobs.
    static let ping = CatalogueOperation(
        OperationDescriptor(
            type: "ping",
            kind: .read,
            summary: "Answers, and tells the agent's time.",
            schema: .schemaWithoutParameters
        ),
        runLimit: { _ in .seconds(30) }
    )
}
