// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `user.ensure`: a user that is to be there, and to be so.
    static let userEnsure = CatalogueOperation(
        "user.ensure",
        .modify,
        "Makes a user, or changes what of it is not as it is to be; what is left out stays.",
        parameters: .parameters(
            [
                "name": UserParameters.name("The user."),
                "uid": .integer("Its number.", 0...4_294_967_294),
                "group": UserParameters.name("Its own group, which must be there. A new user gets one of its name."),
                "groups": .list("Other groups, which must be there.", of: UserParameters.name("A group."), 0...200),
                "append_groups": .flag(
                    "Whether the user stays in other groups than those; if not, it is in exactly those.",
                    default: true
                ),
                "comment": .text("A comment (GECOS), such as the full name.", .line, maximum: 255),
                "home": .path("Its home."),
                "move_home": .flag("Whether another home gets what is in the old one.", default: false),
                "create_home": [
                    "description":
                        "Whether a new user gets its home made; left out, for people and not for the system.",
                    "type": "boolean",
                ],
                "shell": .path("Its shell."),
                "system": .flag("Whether a new user is one of the system.", default: false),
                "expires": .text(
                    "The day on which it can log in no more, such as 2027-01-31, or never.",
                    .word,
                    maximum: 10
                ),
                "locked": [
                    "description":
                        "Whether its password is locked. A new user has none and is locked, unless this is false.",
                    "type": "boolean",
                ],
            ],
            required: ["name"]
        ),
        result: UserParameters.result(
            ["uid": ["description": "Its number; not before a new user is made.", "type": ["integer", "null"]]],
            optional: ["uid"]
        ),
        examples: [
            OperationExample(
                "Make a user for deployments",
                ["name": "deploy", "comment": "Deployments", "shell": "/bin/sh", "groups": ["adm"]]
            ),
            OperationExample("Lock a user", ["name": "games", "locked": true, "expires": "2026-01-01"]),
        ],
        rules: { data, pointer in
            var faults = UserParameters.faultsOfFields(["comment", "home", "shell"], data, pointer)
            if let day = data["expires"]?.string, day != "never",
                day.utf8.count != 10 || Timestamp(day + "T00:00:00Z").map({ $0.milliseconds < 0 }) ?? true
            {
                faults.append(
                    Fault(pointer: "\(pointer)/expires", detail: "must be a day such as 2027-01-31, or never")
                )
            }
            return faults
        }
    )
}
