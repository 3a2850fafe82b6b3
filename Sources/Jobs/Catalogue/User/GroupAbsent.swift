// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `group.absent`: a group that is not to be there.
    static let groupAbsent = CatalogueOperation(
        "group.absent",
        .modify,
        "Removes a group that is no user's own.",
        parameters: .parameters(["name": UserParameters.name("The group.")], required: ["name"]),
        result: UserParameters.result(),
        examples: [OperationExample("Remove a group", ["name": "deployers"])]
    )
}
