// SPDX-License-Identifier: Apache-2.0

/// What several operations on users have as parameters and as result.
enum UserParameters {
    /// The name of a user or group that operations make or change.
    static func name(_ description: String) -> JSONValue { .text(description, .userName, maximum: 32) }

    /// What is told of a user.
    static let user: [String: JSONValue] = [
        "name": .text("Its name."), "uid": .integer("Its number.", 0...4_294_967_295),
        "gid": .integer("The number of its own group.", 0...4_294_967_295),
        "group": ["description": "The name of its own group; null if it has none.", "type": ["string", "null"]],
        "groups": .list("The other groups that it is in.", of: ["type": "string"], 0...65_536),
        "comment": .text("Its comment (GECOS)."), "home": .text("Its home."), "shell": .text("Its shell."),
        "locked": ["description": "Whether its password is locked.", "type": "boolean"],
        "password": .choice(
            "Whether it has one: none asks for nothing, unusable lets nobody in.",
            ["set", "none", "unusable"]
        ),
        "system": ["description": "Whether it is no person's, by its uid and /etc/login.defs.", "type": "boolean"],
        "expires": .text("The day on which it can log in no more, or never."),
    ]

    /// What every run tells that changes a user or group.
    static func result(_ more: [String: JSONValue] = [:], optional: Set<String> = []) -> JSONValue {
        .record(more.merging(["name": .text("The user or group.")]) { $1 }, optional: optional)
    }

    /// A text that would be two fields of `/etc/passwd`.
    static func faultsOfFields(_ names: [String], _ data: JSONValue, _ pointer: String) -> [Fault] {
        names.compactMap { name in
            data[name]?.string?.contains(":") == true
                ? Fault(pointer: "\(pointer)/\(name)", detail: "must not contain ':'") : nil
        }
    }

    /// What is no public key of SSH without options.
    static func faultsOfKey(_ data: JSONValue, _ pointer: String) -> [Fault] {
        guard let text = data["key"]?.string else { return [] }
        if let key = AuthorizedKey(line: text), key.options == nil { return [] }
        let detail = "must be a public key as in a file of ssh-keygen: a type, base64, and a comment where you like"
        return [Fault(pointer: "\(pointer)/key", detail: detail)]
    }
}
