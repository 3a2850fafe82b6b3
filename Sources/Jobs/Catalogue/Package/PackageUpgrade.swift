// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `package.upgrade`: newer versions of what is installed.
    static let packageUpgrade = CatalogueOperation(
        "package.upgrade",
        .modify,
        "Brings packages that are installed to their newest version: the named ones, or all that are not held.",
        parameters: .parameters([
            "packages": PackageParameters.names(
                "The packages; those that are not installed are passed over. Left out, all.",
                0...500
            ),
            "allow_removals": .flag("Whether packages may be removed for it.", default: false),
            "recommends": PackageParameters.recommends,
            "refresh": PackageParameters.refresh, "refresh_max_age": PackageParameters.refreshMaxAge,
            "lock_timeout": PackageParameters.lockTimeout, "timeout": PackageParameters.timeout,
        ]),
        result: PackageParameters.result([
            "index_refreshed": ["description": "Whether the index was fetched.", "type": "boolean"],
            "not_installed": .list("Named packages that are not installed.", of: ["type": "string"], 0...500),
        ]),
        limit: PackageParameters.limit,
        examples: [OperationExample("Upgrade a package where it is installed", ["packages": ["unzip"]])],
        rules: PackageParameters.faultsOfVersions
    )
}
