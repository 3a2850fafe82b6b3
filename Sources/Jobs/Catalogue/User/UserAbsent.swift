// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `user.absent`: a user that is not to be there.
    static let userAbsent = CatalogueOperation(
        "user.absent",
        .modify,
        "Removes a user, and its own group where nobody else is in it.",
        parameters: .parameters(
            [
                "name": UserParameters.name("The user."),
                "remove_home": .flag("Whether its home and its mail go as well.", default: false),
            ],
            required: ["name"]
        ),
        result: UserParameters.result(),
        examples: [OperationExample("Remove a user with its home", ["name": "deploy", "remove_home": true])]
    )
}
