// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `user.list`: the users of the host's own files.
    static let userList = CatalogueOperation(
        "user.list",
        .read,
        "Lists the users of /etc/passwd, with their groups and whether they are locked.",
        parameters: .parameters([
            "system": .flag("Whether users of the system are listed too, not only people.", default: false),
            "limit": .integer("The most users that are listed.", 1...10_000, default: 1000),
        ]),
        result: .record([
            "users": .list("The users by uid.", of: .record(UserParameters.user), 0...10_000),
            "total": .integer("How many there are.", 0...10_000_000),
            "truncated": ["description": "Whether there are more than are listed.", "type": "boolean"],
        ]),
        examples: [OperationExample("List people", [:]), OperationExample("List all users", ["system": true])]
    )
}
