// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `group.ensure`: a group that is to be there.
    static let groupEnsure = CatalogueOperation(
        "group.ensure",
        .modify,
        "Makes a group, or gives it another number.",
        parameters: .parameters(
            [
                "name": UserParameters.name("The group."), "gid": .integer("Its number.", 0...4_294_967_294),
                "system": .flag("Whether a new group is one of the system.", default: false),
            ],
            required: ["name"]
        ),
        result: UserParameters.result(
            ["gid": ["description": "Its number; not before a new group is made.", "type": ["integer", "null"]]],
            optional: ["gid"]
        ),
        examples: [OperationExample("Make a group", ["name": "deployers", "gid": 4200])]
    )
}
