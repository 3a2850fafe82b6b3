// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// The packages of an Alpine, by apk.
struct ApkPackages: PackageManager {
    let name = "apk"
    /// apk knows versions that are asked for in its `world`, but nothing that is held.
    let canHold = false
    private let context: OperationContext
    private let lockTimeout: Duration

    init(_ context: OperationContext, lockTimeout: Duration) {
        self.context = context
        self.lockTimeout = lockTimeout
    }

    func installed() async throws(OperationError) -> [String: InstalledPackage] {
        ApkOutput.installed(try await apk(["list", "--installed"]).lines)
    }

    func offer(of name: String) async throws(OperationError) -> PackageOffer? {
        ApkOutput.offer(of: name, in: try await apk(["policy", name]).lines)
    }

    func updates() async throws(OperationError) -> [PackageUpdate] {
        ApkOutput.updates(try await apk(["list", "--upgradable"]).lines)
    }

    func refreshed(
        olderThan age: Duration
    ) async throws(OperationError) -> (manager: any PackageManager, isNew: Bool) {
        if let old = indexAge, old <= age { return (self, false) }
        guard !context.isDryRun else {
            throw .noDryRun("the index of apk is too old, and fetching it would touch the host")
        }
        _ = try await apk(["update"])
        return (self, true)
    }

    func simulate(_ transaction: PackageTransaction) async throws(OperationError) -> [PackageChange] {
        ApkOutput.changes(try await apk(arguments(transaction) + ["--simulate"]).lines)
    }

    func perform(_ transaction: PackageTransaction) async throws(OperationError) {
        _ = try await apk(arguments(transaction))
    }

    func hold(_: [String], _: Bool) async throws(OperationError) {
        throw .notApplicable("apk cannot hold packages")
    }

    private func arguments(_ transaction: PackageTransaction) -> [String] {
        let names = transaction.packages.map { package in
            package.version.map { "\(package.name)=\($0)" } ?? package.name
        }
        switch transaction.action {
        case .install: return ["add"] + names
        case .remove: return ["del"] + names
        case .purge: return ["del", "--purge"] + names
        case .upgrade where names.isEmpty: return ["upgrade"] + (transaction.allowsRemovals ? ["--available"] : [])
        case .upgrade: return ["add", "--upgrade"] + names
        }
    }

    private func apk(_ arguments: [String]) async throws(OperationError) -> ToolResult {
        // apk refuses neither names that look like options nor `--`; the names here begin with a letter or a digit.
        let command = ["apk", "--no-progress", "--wait", "\(lockTimeout.components.seconds)"] + arguments
        let result = try await context.tool(command, ok: nil)
        guard result.exitCode == 0 else { throw ApkOutput.error(result) }
        return result
    }

    private var indexAge: Duration? {
        let directories = ["/var/cache/apk", "/etc/apk/cache", "/var/lib/apk"]
        let times = directories.flatMap { directory in
            ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
                .filter { $0.hasPrefix("APKINDEX.") }
                .compactMap { try? FileState(at: "\(directory)/\($0)", following: true)?.modifiedMilliseconds }
        }
        guard let oldest = times.min() else { return nil }
        return .milliseconds(max(0, context.now().milliseconds - oldest))
    }
}
