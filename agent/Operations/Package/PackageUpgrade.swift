// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `package.upgrade`: newer versions of what is installed.
struct PackageUpgrade: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let packages: [String]?
        let allowRemovals: Bool
        let recommends: Bool?
        let refresh: Bool
        let refreshMaxAge: Double
        let lockTimeout: Double

        var access: PackageAccess {
            PackageAccess(refresh: refresh, refreshMaxAge: refreshMaxAge, lockTimeout: lockTimeout)
        }
    }

    let type = "package.upgrade"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let (manager, isNew) = try await parameters.access.manager(in: context)
        let installed = try await manager.installed()
        let named = parameters.packages ?? []
        let there = named.filter { installed[$0]?.isInstalled == true }
        var work = PackageWork(manager: manager, installed: installed, context: context)
        if named.isEmpty || !there.isEmpty {
            work.transaction = PackageTransaction(
                action: .upgrade,
                packages: there.map { PackageSpecification($0) },
                recommends: parameters.recommends,
                allowsRemovals: parameters.allowRemovals
            )
        }
        let absent = named.filter { installed[$0]?.isInstalled != true }
        return try await work.plan([
            "index_refreshed": .bool(isNew), "not_installed": .array(absent.map(JSONValue.string)),
        ])
    }
}
