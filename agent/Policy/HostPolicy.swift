// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What may run on a host: rules in the order of their lines.
///
/// Pure. Deny beats allow, wherever they stand. Where there is a line that allows, only what one of them allows may run;
/// where there is none, all that nothing denies.
package struct HostPolicy: Hashable, Sendable {
    /// The line of a file.
    struct Line: Hashable, Sendable {
        let number: Int
        let text: String

        var description: String { "line \(number): \(text)" }
    }

    /// What runs have in common that a line speaks of; a condition that is nil fits all.
    struct Rule: Hashable, Sendable {
        let line: Line
        var operations: [GlobPattern]?
        var submitters: [GlobPattern]?
        var users: [GlobPattern]?

        func matches(_ request: PolicyRequest) -> Bool {
            fits(operations, request.operation) && fits(submitters, request.submitter) && fits(users, request.user)
        }

        private func fits(_ patterns: [GlobPattern]?, _ text: String?) -> Bool {
            guard let patterns else { return true }
            guard let text else { return false }
            return patterns.contains { $0.matches(text) }
        }
    }

    var readOnly: Line?
    var denials: [Rule] = []
    var permissions: [Rule] = []

    /// How many rules there are.
    package var ruleCount: Int { denials.count + permissions.count + (readOnly == nil ? 0 : 1) }

    /// Whether a run may begin.
    package func decide(_ request: PolicyRequest) -> PolicyDecision {
        if let readOnly, request.kind != .read {
            return .refused(because: "\(readOnly.description) (\(request.operation) may change the host)")
        }
        if let denial = denials.first(where: { $0.matches(request) }) {
            return .refused(because: denial.line.description)
        }
        guard !permissions.isEmpty else { return .allowed(by: nil) }
        if let permission = permissions.first(where: { $0.matches(request) }) {
            return .allowed(by: permission.line.description)
        }
        let submitter = request.submitter.map { "'\($0)'" } ?? "an unknown submitter"
        return .refused(because: "no line allows \(request.operation) as \(request.user) for \(submitter)")
    }
}
