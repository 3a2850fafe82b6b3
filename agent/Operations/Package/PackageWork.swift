// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What an operation is about to do with packages, and how it goes back where that fails.
struct PackageWork: Sendable {
    let manager: any PackageManager
    /// What there is before.
    let installed: [String: InstalledPackage]
    let context: OperationContext
    /// What is done first; nil for nothing.
    var transaction: PackageTransaction?
    /// What is held, or let go of, after that.
    var holds: [String: Bool] = [:]

    /// The plan of it.
    ///
    /// - Parameter data: what the run tells beside the changes.
    /// - Returns: the plan.
    /// - Throws: ``OperationError`` where the tool refuses it.
    func plan(_ data: [String: JSONValue] = [:]) async throws(OperationError) -> Plan {
        var changes: [PackageChange] = []
        if let transaction {
            for var change in try await manager.simulate(transaction) {
                change.isConfiguration = installed[change.name]?.state == .configuration && change.after == nil
                if change.isConfiguration {
                    let version = installed[change.name]?.version
                    change = PackageChange(name: change.name, before: version, after: nil, isConfiguration: true)
                }
                changes.append(change)
            }
        }
        let hasTransaction = !changes.isEmpty
        let holds = holdsToMake(changes)
        let told =
            changes.map(\.told)
            + holds.sorted { $0.key < $1.key }.map { name, isHeld in
                Plan.Change("hold of package \(name)", from: .bool(!isHeld), to: .bool(isHeld))
            }
        var data = data
        data["manager"] = .string(manager.name)
        return Plan(told, data: data) {
            try await apply(hasTransaction ? transaction : nil, holds)
            return [:]
        }
    }

    /// The holds that are not yet so; a package that is new is held by nothing.
    private func holdsToMake(_ changes: [PackageChange]) -> [String: Bool] {
        holds.filter { name, isHeld in
            let comes = changes.contains { $0.name == name && $0.after != nil }
            guard comes || installed[name]?.isInstalled == true else { return false }
            return (installed[name]?.isHeld ?? false) != isHeld
        }
    }

    private func apply(_ transaction: PackageTransaction?, _ holds: [String: Bool]) async throws(OperationError) {
        do throws(OperationError) {
            // What is to be changed and held may be held already.
            if let transaction { try await manager.perform(transaction) }
            for isHeld in [true, false] {
                let names = holds.filter { $0.value == isHeld }.keys.sorted()
                if !names.isEmpty { try await manager.hold(names, isHeld) }
            }
        } catch {
            var error = error
            error.changed = await context.shielded { context in
                guard let manager = try? context.packageManager() else { return nil }
                return await isChanged(afterUndoing: transaction, by: manager)
            }
            throw error
        }
    }

    /// Takes away what a transaction that failed has left of packages that were not there before.
    ///
    /// - Parameters:
    ///   - transaction: what was tried; nil for holds alone.
    ///   - manager: the tool, which the end of the run does not end.
    /// - Returns: whether the host is different all the same; nil where that cannot be found out.
    private func isChanged(
        afterUndoing transaction: PackageTransaction?,
        by manager: any PackageManager
    ) async -> Bool? {
        guard let after = try? await manager.installed() else { return nil }
        guard after != installed, transaction?.action == .install else { return after != installed }
        let new = Set(after.keys).subtracting(installed.keys).sorted()
        guard !new.isEmpty else { return true }
        let removal = PackageTransaction(action: .purge, packages: new.map { PackageSpecification($0) })
        // Never more than what has come.
        let simulated = try? await manager.simulate(removal)
        guard let simulated, Set(simulated.map(\.name)).isSubset(of: new) else { return true }
        try? await manager.perform(removal)
        return (try? await manager.installed()).map { $0 != installed }
    }
}

/// What several operations on packages have as parameters.
struct PackageAccess: Decodable, Sendable {
    var refresh: Bool?
    var refreshMaxAge: Double?
    var lockTimeout: Double?

    /// The tool of the host, with an index that is fresh where that was asked for.
    ///
    /// - Returns: the tool, and whether an index was fetched.
    func manager(
        in context: OperationContext
    ) async throws(OperationError) -> (manager: any PackageManager, isNew: Bool) {
        let manager = try context.packageManager(lockTimeout: .seconds(lockTimeout ?? 60))
        guard refresh == true else { return (manager, false) }
        return try await manager.refreshed(olderThan: .seconds(refreshMaxAge ?? 0))
    }
}
