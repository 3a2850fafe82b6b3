// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `package.install`: packages that are to be there.
    static let packageInstall = CatalogueOperation(
        "package.install",
        .modify,
        "Installs packages that are missing, with what they depend on; configuration files that were changed are kept.",
        parameters: .parameters(
            [
                "packages": PackageParameters.names("The packages: NAME, or NAME=VERSION."),
                "version": .text("The version, where one package is named.", .packageName, maximum: 255),
                "latest": .flag("Whether packages that are there are brought to their newest version.", default: false),
                "hold": [
                    "description":
                        "Whether the packages are held at their version from then on; left out, as they are.",
                    "type": "boolean",
                ],
                "recommends": PackageParameters.recommends,
                "allow_downgrade": .flag("Whether an older version may take the place of a newer one.", default: false),
                "allow_removals": .flag("Whether other packages may go where they are in the way.", default: false),
                "refresh": PackageParameters.refresh, "refresh_max_age": PackageParameters.refreshMaxAge,
                "lock_timeout": PackageParameters.lockTimeout, "timeout": PackageParameters.timeout,
            ],
            required: ["packages"]
        ),
        result: PackageParameters.result([
            "index_refreshed": ["description": "Whether the index was fetched.", "type": "boolean"]
        ]),
        limit: PackageParameters.limit,
        examples: [
            OperationExample("Install a package", ["packages": ["hello"], "refresh": true]),
            OperationExample(
                "Install it at a version and keep it there",
                ["packages": ["hello=2.10-3"], "hold": true]
            ),
        ],
        rules: { data, pointer in
            guard data["version"] != nil else { return [] }
            let packages = data["packages"]?.array ?? []
            if packages.count == 1, packages[0].string?.contains("=") == false { return [] }
            return [
                Fault(pointer: "\(pointer)/version", detail: "goes with exactly one package that has no version yet")
            ]
        }
    )
}
