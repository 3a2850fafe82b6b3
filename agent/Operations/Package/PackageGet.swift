// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `package.get`: what there is of a package, and what there could be.
struct PackageGet: ReadOperation {
    struct Parameters: Decodable, Sendable {
        let name: String
    }

    let type = "package.get"

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let manager = try context.packageManager()
        let package = try await manager.installed()[parameters.name]
        let offer = try await manager.offer(of: parameters.name)
        guard package != nil || offer != nil else {
            throw OperationError(
                "package_not_found",
                "neither this host nor its index has a package '\(parameters.name)'"
            )
        }
        return [
            "manager": .string(manager.name), "name": .string(parameters.name),
            "installed": .bool(package?.isInstalled ?? false),
            "state": .string(package?.state.rawValue ?? "absent"),
            "version": package.map { .string($0.version) } ?? .null,
            "architecture": package.map { .string($0.architecture) } ?? .null,
            "summary": package.map { .string($0.summary) } ?? .null,
            "held": .bool(package?.isHeld ?? false),
            "candidate": offer?.candidate.map(JSONValue.string) ?? .null,
            "versions": .array((offer?.versions ?? []).prefix(100).map(JSONValue.string)),
        ]
    }
}
