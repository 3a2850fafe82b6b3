// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The tool that keeps the packages of a host: apt, dnf or apk.
///
/// The operations on packages are written against it and know nothing of the tools.
protocol PackageManager: Sendable {
    /// What the tool is called: `apt`.
    var name: String { get }
    /// Whether packages can be held at their version.
    var canHold: Bool { get }

    /// All packages that the host has something of, by their names.
    func installed() async throws(OperationError) -> [String: InstalledPackage]

    /// What the index of the tool knows of a package; nil if it knows none of that name.
    func offer(of name: String) async throws(OperationError) -> PackageOffer?

    /// The packages that have a newer version in the index.
    func updates() async throws(OperationError) -> [PackageUpdate]

    /// The same tool with an index that is not older than a time; a dry run gets one of its own, which is gone afterwards.
    ///
    /// - Parameter age: how old the index may be.
    /// - Returns: the tool, and whether an index was fetched.
    /// - Throws: ``OperationError`` where the index cannot be fetched, and in a dry run where that would touch the host.
    func refreshed(olderThan age: Duration) async throws(OperationError) -> (manager: any PackageManager, isNew: Bool)

    /// What a transaction would change, with everything that depends on it or that it depends on.
    func simulate(_ transaction: PackageTransaction) async throws(OperationError) -> [PackageChange]

    /// Carries a transaction out.
    func perform(_ transaction: PackageTransaction) async throws(OperationError)

    /// Holds packages at their version, or lets go of them.
    ///
    /// - Parameters:
    ///   - names: the packages, all of them installed.
    ///   - isHeld: whether they are to be held.
    /// - Throws: ``OperationError`` where the tool cannot.
    func hold(_ names: [String], _ isHeld: Bool) async throws(OperationError)
}

/// A package of which a host has something.
struct InstalledPackage: Hashable, Sendable {
    /// Its name, with `:` and the architecture where that is not the host's own.
    let name: String
    let version: String
    let architecture: String
    /// What it is, in a line; empty where the tool does not tell.
    var summary = ""
    /// How much of it there is.
    var state = State.installed
    /// Whether it is held at its version.
    var isHeld = false

    /// How much of a package there is.
    enum State: String, Sendable {
        /// All of it.
        case installed
        /// It is removed, but its configuration was kept.
        case configuration
        /// An installation or a removal was broken off.
        case incomplete
    }

    /// Whether it can be used.
    var isInstalled: Bool { state == .installed }

    /// The package as runs tell it.
    var told: JSONValue {
        [
            "name": .string(name), "version": .string(version), "architecture": .string(architecture),
            "held": .bool(isHeld), "summary": .string(summary),
        ]
    }
}

/// What an index knows of a package.
struct PackageOffer: Hashable, Sendable {
    /// The version that would be installed; nil for a name that others provide.
    var candidate: String?
    /// All versions, the one that would be installed first.
    var versions: [String] = []
}

/// A package that has a newer version.
struct PackageUpdate: Hashable, Sendable {
    let name: String
    let version: String
    let candidate: String
    /// Where it comes from, in the words of the tool.
    var origin = ""
    /// Whether it repairs a hole; nil where the tool does not tell.
    var isSecurity: Bool?
}

/// What becomes of one package.
struct PackageChange: Hashable, Sendable {
    let name: String
    /// nil for one that is new.
    let before: String?
    /// nil for one that goes.
    let after: String?
    /// Whether only configuration goes that was kept of it.
    var isConfiguration = false

    /// The change as runs tell it.
    var told: Plan.Change {
        Plan.Change(
            isConfiguration ? "configuration of package \(name)" : "package \(name)",
            from: before.map(JSONValue.string) ?? .null,
            to: after.map(JSONValue.string) ?? .null
        )
    }
}

/// A package that is asked for.
struct PackageSpecification: Hashable, Sendable {
    let name: String
    /// The wanted version; nil for any.
    var version: String?

    /// Reads `name` or `name=version`.
    init(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        version = parts.count > 1 ? String(parts[1]) : nil
    }
}

/// What is to be done with packages, all or nothing as far as the tool can.
struct PackageTransaction: Hashable, Sendable {
    /// What is done.
    enum Action: Hashable, Sendable {
        case install, remove, purge
        /// Newer versions of what is installed; of all where no packages are named.
        case upgrade
    }

    var action: Action
    var packages: [PackageSpecification]
    /// Whether packages come along that are recommended only; nil for what the host says.
    var recommends: Bool?
    /// Whether packages may get an older version.
    var allowsDowngrade = false
    /// Whether held packages may be changed.
    var allowsHeld = false
    /// Whether packages that nothing needs any more go as well.
    var removesUnused = false
    /// Whether packages may be removed for the sake of others.
    var allowsRemovals = false
}
