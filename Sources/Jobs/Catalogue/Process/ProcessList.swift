// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `process.list`: the processes of the host.
    static let processList = CatalogueOperation(
        "process.list",
        .read,
        "Lists the processes of the host: who runs them, since when, with how much memory and processor time.",
        parameters: .parameters([
            "name": .text("Only processes of this name, as ps -C takes it.", .line, maximum: 255),
            "user": .text("Only those of this user, by name or by number.", .word, maximum: 64),
            "command": .text("Only those with this text in their command line.", .line),
            "sort": .choice(
                "What comes first: the smallest pid, the most memory, or the most processor time.",
                ["pid", "rss", "cpu_ms"],
                default: "pid"
            ),
            "limit": .integer("How many are listed at most.", 1...5000, default: 500),
        ]),
        result: .record([
            "processes": ["type": "array", "items": .processRecord], "total": ["type": "integer"],
            "truncated": ["type": "boolean"],
        ]),
        examples: [
            OperationExample("Ask for the ten that hold the most memory", ["sort": "rss", "limit": 10]),
            OperationExample("Look for shells of root", ["name": "sh", "user": "root"]),
        ]
    )
}
