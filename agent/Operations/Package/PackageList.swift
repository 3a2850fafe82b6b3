// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `package.list`: what is installed.
struct PackageList: ReadOperation {
    struct Parameters: Decodable, Sendable {
        let pattern: String
        let limit: Int
    }

    let type = "package.list"

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let manager = try context.packageManager()
        let pattern: GlobPattern
        do {
            pattern = try GlobPattern(parameters.pattern, at: 0)
        } catch {
            throw OperationError("invalid_parameters", "pattern: \(error)")
        }
        let packages = try await manager.installed().values
            .filter { $0.isInstalled && pattern.matches($0.name) }
            .sorted { $0.name < $1.name }
        return [
            "manager": .string(manager.name), "total": .int(Int64(packages.count)),
            "truncated": .bool(packages.count > parameters.limit),
            "packages": .array(packages.prefix(parameters.limit).map(\.told)),
        ]
    }
}
