// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `package.remove`: packages that are not to be there.
struct PackageRemove: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let packages: [String]
        let purge: Bool
        let removeUnused: Bool
        let lockTimeout: Double
    }

    let type = "package.remove"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let manager = try context.packageManager(lockTimeout: .seconds(parameters.lockTimeout))
        let installed = try await manager.installed()
        let there = parameters.packages.filter { name in
            guard let package = installed[name] else { return false }
            return parameters.purge || package.state != .configuration
        }
        var work = PackageWork(manager: manager, installed: installed, context: context)
        if !there.isEmpty {
            work.transaction = PackageTransaction(
                action: parameters.purge ? .purge : .remove,
                packages: there.map { PackageSpecification($0) },
                removesUnused: parameters.removeUnused
            )
        }
        return try await work.plan()
    }
}
