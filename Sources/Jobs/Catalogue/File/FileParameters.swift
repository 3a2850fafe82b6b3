// SPDX-License-Identifier: Apache-2.0

/// What the schemas of operations on files have in common.
enum FileParameters {
    /// The most bytes of a content that a job brings along: a submission has at most 2 MiB.
    static let maximumContentBytes = 1_048_576

    /// The most characters of a secret content: sealed, it takes a third more than its bytes, which are up to four each.
    static let maximumSecretCharacters = 262_144

    /// Whose a file is, and who may use it.
    static let rights: [String: JSONValue] = [
        "owner": owner("The user that it belongs to, by name or number."),
        "group": owner("The group that it belongs to, by name or number."),
        "mode": .text("Its permission bits in octal, such as '0644'.", .fileMode),
    ]

    /// What all operations have that give a file a new content.
    static let writing = rights.merging([
        "backup": .flag(
            "Whether the old file stays beside, with the time and '~' after its name, where the content changes.",
            default: false
        ),
        "validate": .list(
            "A program and its arguments that says by its exit code whether the new content is good, before it is put in "
                + "place; '%s' in an argument stands for the path of the new file. A dry run does not ask it.",
            of: ["type": "string", "minLength": 1, "maxLength": 4096],
            1...64
        ),
        "follow": .flag("Whether a link at the path is followed to the file that it leads to.", default: false),
    ]) { $1 }

    /// A user or group, by name or number.
    static func owner(_ description: String) -> JSONValue {
        [
            "description": .string(description), "type": ["string", "integer"],
            "format": .string(JSONSchemaFormat.userName.rawValue), "minLength": 1, "maxLength": 32, "minimum": 0,
            "maximum": 4_294_967_294,
        ]
    }

    /// A long text that is taken as it is, with no references replaced in it.
    static func literal(_ description: String, maximum: Int = maximumContentBytes) -> JSONValue {
        [
            "description": .string(description), "type": "string", "maxLength": .int(Int64(maximum)),
            "references": false,
        ]
    }

    /// The schema of what an operation tells that changes a host: what is named, and what every plan tells.
    ///
    /// - Parameters:
    ///   - members: the schema of each.
    ///   - optional: those that are not always there.
    /// - Returns: the schema.
    static func result(_ members: [String: JSONValue], optional: Set<String> = []) -> JSONValue {
        let change: JSONValue = .record(["subject": ["type": "string"], "before": true, "after": true])
        let told: [String: JSONValue] = [
            "changes": ["description": "What is different.", "type": "array", "items": change],
            "changes_total": ["description": "How many changes, where not all are named.", "type": "integer"],
            "diff": ["description": "The difference of texts.", "type": "string"],
        ]
        return .record(members.merging(told) { $1 }, optional: optional.union(told.keys))
    }

    /// The path of a result.
    static let pathResult: JSONValue = ["description": "The path, with links followed.", "type": "string"]

    /// The file that was kept.
    static let backupResult: JSONValue = ["description": "Where the old one is kept.", "type": "string"]

    // MARK: Rules

    /// The faults of paths that lead upwards, and of a command that checks nothing.
    static func faults(in data: JSONValue, at pointer: String, paths: [String] = ["path"]) -> [Fault] {
        var faults: [Fault] = []
        for name in paths {
            guard let path = data[name]?.string, leadsUpwards(path) else { continue }
            faults.append(Fault(pointer: "\(pointer)/\(name)", detail: "must not have '..' in it"))
        }
        let command = data["validate"]?.array?.compactMap(\.string) ?? []
        if !command.isEmpty, !command.dropFirst().contains(where: { $0.contains("%s") }) {
            let detail = "must have '%s' in an argument, where the path of the new file goes"
            faults.append(Fault(pointer: "\(pointer)/validate", detail: detail))
        }
        for (index, argument) in command.enumerated() where argument.utf8.contains(0) {
            faults.append(Fault(pointer: "\(pointer)/validate/\(index)", detail: "must not contain a NUL character"))
        }
        return faults
    }

    /// Whether a part of a path is `..`.
    static func leadsUpwards(_ path: String) -> Bool {
        path.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }
}
