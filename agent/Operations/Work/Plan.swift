// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// What an operation that changes a host is about to do there, worked out without touching anything.
///
/// A dry run tells it, and a real run does it: so the two cannot differ.
package struct Plan: Sendable {
    /// What the run tells, before or without the change.
    package var data: [String: JSONValue]
    /// What will be different; empty where the host is already as it is to be.
    package private(set) var changes: [Change]
    /// Does it; what it returns is added to the data.
    private let perform: @Sendable () async throws -> [String: JSONValue]

    /// One thing that will be different.
    package struct Change: Sendable {
        /// What of the host: a path, a package, a setting.
        let subject: String
        let before: JSONValue
        let after: JSONValue
        /// The difference of two texts as a unified diff; nil for what is no text.
        let diff: String?

        /// Makes a change.
        ///
        /// - Parameters:
        ///   - subject: what of the host: `/etc/motd`, `package htop`.
        ///   - before: what it is; null for nothing.
        ///   - after: what it will be; null for nothing.
        ///   - diff: the difference of two texts.
        package init(_ subject: String, from before: JSONValue, to after: JSONValue, diff: String? = nil) {
            self.subject = subject
            self.before = before
            self.after = after
            self.diff = diff
        }

        fileprivate var json: JSONValue {
            ["subject": .string(subject), "before": before, "after": after]
        }
    }

    /// A plan of changes.
    ///
    /// - Parameters:
    ///   - changes: what will be different; nothing is done if there are none.
    ///   - data: what the run tells in any case.
    ///   - perform: does it, all or nothing where it can; throws ``OperationError``.
    package init(
        _ changes: [Change],
        data: [String: JSONValue] = [:],
        perform: @escaping @Sendable () async throws -> [String: JSONValue]
    ) {
        self.changes = changes
        self.data = data
        self.perform = perform
    }

    /// The plan of a host that is already as it is to be.
    package static func nothing(_ data: [String: JSONValue] = [:]) -> Plan {
        Plan([], data: data) { [:] }
    }

    /// Whether the host will be different.
    package var isChange: Bool { !changes.isEmpty }

    /// What a run tells: the data, with `changes` and `diff` where anything is different.
    func told(adding more: [String: JSONValue] = [:]) -> JSONValue {
        var members = data.merging(more) { $1 }
        if isChange {
            members["changes"] = .array(changes.prefix(Self.maximumChanges).map(\.json))
            if changes.count > Self.maximumChanges { members["changes_total"] = .int(Int64(changes.count)) }
            let diffs = changes.compactMap(\.diff)
            if !diffs.isEmpty { members["diff"] = .string(UnifiedDiff.cut(diffs.joined())) }
        }
        return .object(members)
    }

    /// The most changes that a run names one by one.
    static let maximumChanges = 1000

    /// Does what was planned.
    func apply() async throws -> [String: JSONValue] {
        try await perform()
    }
}
