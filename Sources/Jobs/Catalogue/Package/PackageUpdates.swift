// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `package.updates`: the packages that have newer versions.
    static let packageUpdates = CatalogueOperation(
        "package.updates",
        .read,
        "Lists the packages that have newer versions, held ones too, and says which repair holes in security.",
        parameters: .parameters([
            "refresh": .flag(
                "Whether the index is fetched first, into one of its own: that of the host is left alone. With apt only.",
                default: false
            ),
            "refresh_max_age": PackageParameters.refreshMaxAge, "lock_timeout": PackageParameters.lockTimeout,
            "limit": .integer("The most updates that are listed.", 1...10_000, default: 1000),
        ]),
        result: .record([
            "manager": PackageParameters.manager,
            "updates": .list("The updates by name.", of: update, 0...10_000),
            "total": .integer("How many there are.", 0...1_000_000),
            "security_total": .integer("How many of them repair holes in security.", 0...1_000_000),
            "truncated": ["description": "Whether there are more than are listed.", "type": "boolean"],
        ]),
        limit: .seconds(300),
        examples: [OperationExample("List what can be updated", [:])]
    )

    private static let update = JSONValue.record([
        "name": .text("The package."), "version": .text("What there is."), "candidate": .text("What there could be."),
        "origin": .text("Where it comes from, in the words of the tool."),
        "security": [
            "description": "Whether it repairs a hole; null where the tool does not tell.",
            "type": ["boolean", "null"],
        ],
        "held": ["description": "Whether the package is held at its version.", "type": "boolean"],
    ])
}
