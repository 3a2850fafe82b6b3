// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `user.get`: a user of the host, or of a directory that it asks.
    static let userGet = CatalogueOperation(
        "user.get",
        .read,
        "Tells what the host knows of a user, also of one from a directory such as LDAP.",
        parameters: .parameters(["name": UserParameters.name("The user.")], required: ["name"]),
        result: .record(
            UserParameters.user.merging([
                "exists": [
                    "description": "Whether there is such a user; only the name is told if not.", "type": "boolean",
                ],
                "local": ["description": "Whether it is in /etc/passwd.", "type": "boolean"],
            ]) { $1 },
            optional: Set(UserParameters.user.keys).subtracting(["name"]).union(["local"])
        ),
        examples: [OperationExample("Look at a user", ["name": "root"])]
    )
}
