// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `package.updates`: the packages that have newer versions.
struct PackageUpdates: ReadOperation {
    struct Parameters: Decodable, Sendable {
        let refresh: Bool
        let refreshMaxAge: Double
        let lockTimeout: Double
        let limit: Int
    }

    let type = "package.updates"

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        // One that only looks fetches an index of its own, as a dry run does.
        var looking = context
        looking.isDryRun = true
        let access = PackageAccess(
            refresh: parameters.refresh,
            refreshMaxAge: parameters.refreshMaxAge,
            lockTimeout: parameters.lockTimeout
        )
        let (manager, _) = try await access.manager(in: looking)
        let installed = try await manager.installed()
        let updates = try await manager.updates().sorted { $0.name < $1.name }
        let told = updates.prefix(parameters.limit).map { update -> JSONValue in
            [
                "name": .string(update.name), "version": .string(update.version),
                "candidate": .string(update.candidate), "origin": .string(update.origin),
                "security": update.isSecurity.map(JSONValue.bool) ?? .null,
                "held": .bool(installed[update.name]?.isHeld ?? false),
            ]
        }
        return [
            "manager": .string(manager.name), "total": .int(Int64(updates.count)),
            "security_total": .int(Int64(updates.count { $0.isSecurity == true })),
            "truncated": .bool(updates.count > parameters.limit), "updates": .array(told),
        ]
    }
}
