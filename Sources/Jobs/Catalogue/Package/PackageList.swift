// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `package.list`: what is installed.
    static let packageList = CatalogueOperation(
        "package.list",
        .read,
        "Lists the packages that are installed, by apt, dnf or apk.",
        parameters: .parameters([
            "pattern": .text("A glob pattern that the names match.", .word, maximum: 255, default: "*"),
            "limit": .integer("The most packages that are listed.", 1...10_000, default: 5000),
        ]),
        result: .record([
            "manager": PackageParameters.manager,
            "packages": .list("The packages by name.", of: package, 0...10_000),
            "total": .integer("How many match.", 0...1_000_000),
            "truncated": ["description": "Whether more match than are listed.", "type": "boolean"],
        ]),
        limit: .seconds(120),
        examples: [
            OperationExample("List all packages", [:]),
            OperationExample("List those of SSH", ["pattern": "openssh-*"]),
        ]
    )

    private static let package = JSONValue.record([
        "name": .text("Its name, with the architecture where that is not the host's."),
        "version": .text("Its version."), "architecture": .text("Its architecture."),
        "held": ["description": "Whether it is held at its version.", "type": "boolean"],
        "summary": .text("What it is; empty where the tool does not tell."),
    ])
}
