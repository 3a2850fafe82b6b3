// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs

/// The packages of a Debian or Ubuntu, by apt and dpkg.
///
/// Changed configuration files are kept, and nothing is asked.
struct AptPackages: PackageManager {
    let name = "apt"
    let canHold = true
    private let context: OperationContext
    private let lockTimeout: Duration
    /// The index of a dry run; nil for that of the host.
    private var index: AptIndex?

    init(_ context: OperationContext, lockTimeout: Duration) {
        self.context = context
        self.lockTimeout = lockTimeout
    }

    func installed() async throws(OperationError) -> [String: InstalledPackage] {
        let result = try await context.tool(["dpkg-query", "--show", "--showformat", AptOutput.format])
        return AptOutput.installed(result.lines, native: try await architecture())
    }

    func offer(of name: String) async throws(OperationError) -> PackageOffer? {
        let result = try await context.tool(["apt-cache"] + settings + ["policy", "--", name])
        return AptOutput.offer(of: name, in: result.text, native: try await architecture())
    }

    func updates() async throws(OperationError) -> [PackageUpdate] {
        let result = try await apt(["--simulate", "--ignore-hold", "--allow-change-held-packages", "dist-upgrade"])
        return AptOutput.updates(result.lines, native: try await architecture())
    }

    func refreshed(
        olderThan age: Duration
    ) async throws(OperationError) -> (manager: any PackageManager, isNew: Bool) {
        if let old = AptIndex.age(at: context.now()), old <= age { return (self, false) }
        if context.isDryRun {
            let index = try AptIndex()
            var other = self
            other.index = index
            _ = try await other.apt(["update"])
            return (other, true)
        }
        let result = try await apt(["update"])
        if !(result.errors + result.text).contains("W: Failed to fetch") { AptIndex.stamp() }
        return (self, true)
    }

    func simulate(_ transaction: PackageTransaction) async throws(OperationError) -> [PackageChange] {
        let native = try await architecture()
        if transaction.action == .install { try await checkNames(transaction.packages) }
        return AptOutput.changes(try await apt(["--simulate"] + arguments(transaction)).lines, native: native)
    }

    func perform(_ transaction: PackageTransaction) async throws(OperationError) {
        _ = try await apt(arguments(transaction))
    }

    func hold(_ names: [String], _ isHeld: Bool) async throws(OperationError) {
        _ = try await context.tool(["apt-mark", isHeld ? "hold" : "unhold", "--"] + names)
    }

    // MARK: Asking apt

    private func arguments(_ transaction: PackageTransaction) -> [String] {
        var options: [String] = []
        if let recommends = transaction.recommends { options.append("--\(recommends ? "" : "no-")install-recommends") }
        if transaction.allowsDowngrade { options.append("--allow-downgrades") }
        if transaction.allowsHeld { options.append("--allow-change-held-packages") }
        if transaction.removesUnused { options.append("--autoremove") }
        if transaction.action == .install || transaction.action == .upgrade, !transaction.allowsRemovals {
            options.append("--no-remove")
        }
        let names = transaction.packages.map { package in
            package.version.map { "\(package.name)=\($0)" } ?? package.name
        }
        switch transaction.action {
        case .install: return options + ["install", "--"] + names
        case .remove: return options + ["remove", "--"] + names
        case .purge: return options + ["purge", "--"] + names
        case .upgrade where names.isEmpty:
            return options + (transaction.allowsRemovals ? ["dist-upgrade"] : ["--with-new-pkgs", "upgrade"])
        case .upgrade: return options + ["--only-upgrade", "install", "--"] + names
        }
    }

    /// Refuses names that apt does not know: it would take them for patterns, or for `name` and a sign that says to
    /// remove it.
    private func checkNames(_ packages: [PackageSpecification]) async throws(OperationError) {
        for package in packages where try await offer(of: package.name) == nil {
            throw OperationError(
                "package_not_found",
                "the index of this host has no package '\(package.name)'; is it fresh (refresh)?",
                changed: false
            )
        }
    }

    private func architecture() async throws(OperationError) -> String {
        String(try await context.tool(["dpkg", "--print-architecture"]).lines.first ?? "")
    }

    private var settings: [String] {
        if let index { return ["--config-file", index.configuration] }
        // Nothing of a dry run stays, not even what apt keeps in order to be faster the next time.
        return context.isDryRun ? ["-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="] : []
    }

    /// Runs apt-get, again and again while others use the files that it does not wait for by itself.
    private func apt(_ arguments: [String]) async throws(OperationError) -> ToolResult {
        let end = ContinuousClock.now + lockTimeout
        let options = [
            "-q", "-y", "-o", "DPkg::Lock::Timeout=\(lockTimeout.components.seconds)", "-o", "Dpkg::Use-Pty=0",
            "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
        ]
        let variables = [
            "DEBIAN_FRONTEND": "noninteractive", "DEBCONF_NONINTERACTIVE_SEEN": "true", "UCF_FORCE_CONFFOLD": "1",
            "APT_LISTCHANGES_FRONTEND": "none", "NEEDRESTART_SUSPEND": "1",
        ]
        while true {
            let command = ["apt-get"] + options + settings + arguments
            let result = try await context.tool(command, environment: variables, ok: nil)
            if result.exitCode == 0 { return result }
            let error = AptOutput.error(result)
            guard error.code == "package_manager_locked", .now < end else { throw error }
            do {
                try await Task.sleep(for: .milliseconds(500))
            } catch {
                throw OperationError("cancelled", "ended while another process used apt")
            }
        }
    }
}

/// An index of apt beside that of the host, which is gone with the last that uses it.
final class AptIndex: Sendable {
    /// The settings that make apt use it.
    let configuration: String
    private let directory: String

    /// Makes an empty one.
    init() throws(OperationError) {
        directory = "/tmp/broker-apt-\(UInt64.random(in: .min ... .max))"
        configuration = "\(directory)/apt.conf"
        // apt fetches as a user of its own, who must be able to look into it.
        guard mkdir(directory, 0o755) == 0, mkdir("\(directory)/lists", 0o755) == 0 else {
            throw .system("cannot make '\(directory)'", errno)
        }
        // What the host does after an update is not for this one.
        let text = """
            #clear APT::Update::Pre-Invoke;
            #clear APT::Update::Post-Invoke;
            #clear APT::Update::Post-Invoke-Success;
            Dir::State::lists "\(directory)/lists";
            Dir::Cache::pkgcache "";
            Dir::Cache::srcpkgcache "";

            """
        let draft = try FileDraft(besides: configuration)
        try draft.fill(Array(text.utf8))
        try draft.setMode(0o644)
        try draft.take()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static let stampFile = "/var/lib/apt/periodic/update-success-stamp"

    /// How old the index of the host is; nil if there is none.
    static func age(at now: Timestamp) -> Duration? {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "/var/lib/apt/lists")) ?? []
        guard files.contains(where: { $0.hasSuffix("Release") }) else { return nil }
        let times = [stampFile, "/var/lib/apt/lists", "/var/lib/apt/lists/partial"].compactMap { path in
            try? FileState(at: path, following: true)?.modifiedMilliseconds
        }
        guard let newest = times.max() else { return nil }
        return .milliseconds(max(0, now.milliseconds - newest))
    }

    /// Notes that the index was fetched just now, in the file where apt's own timers do: where nothing was new, its
    /// directory still has its old time.
    static func stamp() {
        let number = open(stampFile, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard number >= 0 else { return }
        futimens(number, nil)
        close(number)
    }
}
