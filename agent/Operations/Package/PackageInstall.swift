// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `package.install`: packages that are to be there.
struct PackageInstall: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let packages: [String]
        let version: String?
        let latest: Bool
        let hold: Bool?
        let recommends: Bool?
        let allowDowngrade: Bool
        let allowRemovals: Bool
        let refresh: Bool
        let refreshMaxAge: Double
        let lockTimeout: Double

        /// The packages with the versions that are asked for.
        var specifications: [PackageSpecification] {
            packages.map { text in
                var package = PackageSpecification(text)
                if let version { package.version = version }
                return package
            }
        }

        var access: PackageAccess {
            PackageAccess(refresh: refresh, refreshMaxAge: refreshMaxAge, lockTimeout: lockTimeout)
        }
    }

    let type = "package.install"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let (manager, isNew) = try await parameters.access.manager(in: context)
        if parameters.hold != nil, !manager.canHold {
            throw OperationError.notApplicable("\(manager.name) has no holds")
        }
        let installed = try await manager.installed()
        let wanted = parameters.specifications
        let missing = wanted.filter { package in
            guard let there = installed[package.name], there.isInstalled else { return true }
            return package.version.map { $0 != there.version } ?? parameters.latest
        }
        var work = PackageWork(manager: manager, installed: installed, context: context)
        if !missing.isEmpty {
            work.transaction = PackageTransaction(
                action: .install,
                packages: missing,
                recommends: parameters.recommends,
                allowsDowngrade: parameters.allowDowngrade,
                allowsHeld: parameters.hold != nil,
                allowsRemovals: parameters.allowRemovals
            )
        }
        if let hold = parameters.hold {
            for package in wanted { work.holds[package.name] = hold }
        }
        return try await work.plan(["index_refreshed": .bool(isNew)])
    }
}
