// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `user.authorized_key.remove`: a key that is to let nobody in any more.
    static let userAuthorizedKeyRemove = CatalogueOperation(
        "user.authorized_key.remove",
        .modify,
        "Removes a public key from ~/.ssh/authorized_keys of a user, whatever its options and comment.",
        parameters: .parameters(
            [
                "user": UserParameters.name("The user."),
                "key": .text("The public key: type and base64; a comment does not count.", .line, maximum: 16_384),
            ],
            required: ["user", "key"]
        ),
        result: authorizedKeys,
        examples: [OperationExample("Let a key in no more", ["user": "root", "key": .string(exampleKey)])],
        rules: UserParameters.faultsOfKey
    )
}
