// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `cron.list`: what cron runs.
    static let cronList = CatalogueOperation(
        "cron.list",
        .read,
        "Lists what cron runs: by /etc/crontab, /etc/cron.d, and the crontabs of users.",
        parameters: .parameters([
            "user": .text("Only what runs as this user.", .userName, maximum: 32),
            "limit": .integer("The most entries that are listed.", 1...10_000, default: 1000),
        ]),
        result: .record([
            "entries": .list("The entries by file and line.", of: entry, 0...10_000),
            "total": .integer("How many there are.", 0...10_000_000),
            "truncated": ["description": "Whether there are more than are listed.", "type": "boolean"],
            "ignored": .list("Files that cron passes over, and why.", of: .text("A file."), 0...1000),
        ]),
        examples: [OperationExample("List what cron runs", [:])]
    )

    private static let entry = JSONValue.record([
        "path": .text("The file."), "line": .integer("The line in it.", 1...10_000_000),
        "user": .text("As whom it runs."),
        "schedule": .text("When it runs."), "command": .text("What runs, as it is written in the file."),
    ])
}
