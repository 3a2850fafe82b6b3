// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.list`: the units of the host.
    static let serviceList = CatalogueOperation(
        "service.list",
        .read,
        "Lists units of systemd: those that are loaded, and those that there are only files of.",
        parameters: .parameters([
            "pattern": .text("A glob pattern that the names match.", .word, maximum: 255, default: "*"),
            "kind": .choice(
                "What kind of units.",
                ["service", "socket", "timer", "target", "mount", "path", "slice", "all"],
                default: "service"
            ),
            "active": .choice(
                "Only those that are so.",
                ["active", "inactive", "failed", "activating", "deactivating", "reloading"]
            ),
            "limit": .integer("The most units that are listed.", 1...10_000, default: 1000),
        ]),
        result: .record([
            "units": .list("The units by name.", of: unit, 0...10_000),
            "total": .integer("How many there are.", 0...1_000_000),
            "truncated": ["description": "Whether there are more than are listed.", "type": "boolean"],
        ]),
        examples: [
            OperationExample("List services", [:]),
            OperationExample("List what has failed", ["kind": "all", "active": "failed"]),
        ]
    )

    private static let unit = JSONValue.record([
        "unit": .text("Its name."), "load_state": .text("loaded, masked, error; empty where it is not loaded."),
        "active_state": .text("active, inactive, failed and others."),
        "sub_state": .text("running, exited, dead and others."),
        "enabled": .text("enabled, disabled, static, masked and others; empty without a file."),
        "description": .text("What it is."),
    ])
}
