// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `package.remove`: packages that are not to be there.
    static let packageRemove = CatalogueOperation(
        "package.remove",
        .modify,
        "Removes packages, and those that depend on them; a dry run names them all.",
        parameters: .parameters(
            [
                "packages": PackageParameters.names("The packages."),
                "purge": .flag(
                    "Whether their configuration goes as well, also that of packages which were removed before.",
                    default: false
                ),
                "remove_unused": .flag("Whether what nothing needs any more goes as well.", default: false),
                "lock_timeout": PackageParameters.lockTimeout, "timeout": PackageParameters.timeout,
            ],
            required: ["packages"]
        ),
        result: PackageParameters.result(),
        limit: PackageParameters.limit,
        examples: [
            OperationExample("Remove a package with its configuration", ["packages": ["hello"], "purge": true])
        ],
        rules: PackageParameters.faultsOfVersions
    )
}
