// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// The packages of a Fedora or Red Hat, by dnf and rpm.
///
/// dnf waits by itself while another process uses it.
struct DnfPackages: PackageManager {
    let name = "dnf"
    let canHold = true
    private let context: OperationContext

    init(_ context: OperationContext) {
        self.context = context
    }

    func installed() async throws(OperationError) -> [String: InstalledPackage] {
        let result = try await context.tool(["rpm", "--query", "--all", "--queryformat", DnfOutput.format])
        // The plug-in is not there everywhere; then nothing is held.
        let locks = try await context.tool(["dnf", "--quiet", "--cacheonly", "versionlock", "list"], ok: nil)
        return DnfOutput.installed(result.lines, held: locks.exitCode == 0 ? DnfOutput.held(locks.lines) : [])
    }

    func offer(of name: String) async throws(OperationError) -> PackageOffer? {
        let query = ["repoquery", "--queryformat", DnfOutput.queryFormat, "--", name]
        let result = try await context.tool(["dnf", "--quiet"] + cacheOnly + query, ok: nil)
        guard result.exitCode == 0 else { throw DnfOutput.error(result) }
        let versions = result.lines.compactMap { line -> String? in
            let fields = line.split(separator: "\t")
            return fields.count == 3 && fields[0] == name ? String(fields[1]) : nil
        }
        guard let newest = versions.last else { return nil }
        return PackageOffer(candidate: newest, versions: versions.reversed())
    }

    func updates() async throws(OperationError) -> [PackageUpdate] {
        let result = try await context.tool(["dnf", "--quiet"] + cacheOnly + ["check-update"], ok: nil)
        // 100 means that there are updates (dnf(8)).
        guard result.exitCode == 0 || result.exitCode == 100 else { throw DnfOutput.error(result) }
        return DnfOutput.updates(result.lines, installed: try await installed())
    }

    func refreshed(
        olderThan age: Duration
    ) async throws(OperationError) -> (manager: any PackageManager, isNew: Bool) {
        if let old = indexAge, old <= age { return (self, false) }
        guard !context.isDryRun else {
            throw .noDryRun("the index of dnf is too old, and fetching it would touch the host")
        }
        let result = try await context.tool(["dnf", "--quiet", "--refresh", "makecache"], ok: nil)
        guard result.exitCode == 0 else { throw DnfOutput.error(result) }
        return (self, true)
    }

    func simulate(_ transaction: PackageTransaction) async throws(OperationError) -> [PackageChange] {
        let command = ["dnf", "--assumeno"] + cacheOnly + arguments(transaction)
        let result = try await context.tool(command, ok: nil)
        if let changes = DnfOutput.changes(result.lines, installed: try await installed()) { return changes }
        guard result.exitCode == 0 else { throw DnfOutput.error(result) }
        return []
    }

    func perform(_ transaction: PackageTransaction) async throws(OperationError) {
        let result = try await context.tool(["dnf", "--assumeyes"] + arguments(transaction), ok: nil)
        guard result.exitCode == 0 else { throw DnfOutput.error(result) }
    }

    func hold(_ names: [String], _ isHeld: Bool) async throws(OperationError) {
        let command = ["dnf", "--quiet", "versionlock", isHeld ? "add" : "delete", "--"] + names
        let result = try await context.tool(command, ok: nil)
        guard result.exitCode != 0 else { return }
        throw OperationError(
            "hold_failed",
            "dnf cannot hold packages: \(result.complaint); is its plug-in 'versionlock' installed?"
        )
    }

    private func arguments(_ transaction: PackageTransaction) -> [String] {
        var options: [String] = []
        if let recommends = transaction.recommends {
            options.append("--setopt=install_weak_deps=\(recommends ? "True" : "False")")
        }
        if transaction.allowsHeld { options.append("--disableplugin=versionlock") }
        if !transaction.removesUnused { options.append("--setopt=clean_requirements_on_remove=False") }
        let names = transaction.packages.map { package in
            package.version.map { "\(package.name)-\($0)" } ?? package.name
        }
        switch transaction.action {
        case .install: return options + ["install", "--"] + names
        case .remove, .purge: return options + ["remove", "--"] + names
        case .upgrade:
            return options + (transaction.allowsRemovals ? ["--allowerasing"] : []) + ["upgrade", "--"] + names
        }
    }

    /// A dry run fetches nothing.
    private var cacheOnly: [String] { context.isDryRun ? ["--cacheonly"] : [] }

    private var indexAge: Duration? {
        let caches = ["/var/cache/dnf", "/var/cache/libdnf5"]
        let times = caches.flatMap { cache in
            ((try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []).compactMap { name in
                try? FileState(at: "\(cache)/\(name)/repodata/repomd.xml", following: true)?.modifiedMilliseconds
            }
        }
        guard let oldest = times.min() else { return nil }
        return .milliseconds(max(0, context.now().milliseconds - oldest))
    }
}
