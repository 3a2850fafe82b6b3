// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// What a policy is asked about: one run.
package struct PolicyRequest: Hashable, Sendable {
    /// The operation's name.
    package let operation: String
    /// Whether it may change the host.
    package let kind: OperationKind
    /// The user as which it would run.
    package let user: String
    /// Who submitted the job: the name of the API key; nil where that is not known.
    package let submitter: String?

    /// Makes a request of its parts.
    package init(operation: String, kind: OperationKind, user: String, submitter: String?) {
        self.operation = operation
        self.kind = kind
        self.user = user
        self.submitter = submitter
    }

    /// Makes a request about an operation; one of no known kind may change the host, and a dry run of a known one does not.
    ///
    /// - Parameters:
    ///   - operation: its name.
    ///   - kind: what it is; nil for what the catalogue of every agent says.
    ///   - isDryRun: whether it touches nothing.
    ///   - user: the user as which it would run.
    ///   - submitter: who submitted the job; nil where that is not known.
    package init(
        operation: String,
        kind: OperationKind? = nil,
        isDryRun: Bool = false,
        user: String,
        submitter: String?
    ) {
        let kind = kind ?? OperationCatalogue.builtIn[operation]?.kind
        self.init(
            operation: operation,
            kind: isDryRun && kind != nil ? .read : kind ?? .modify,
            user: user,
            submitter: submitter
        )
    }
}

/// What a policy says to a run.
package enum PolicyDecision: Hashable, Sendable {
    /// It may begin; which line says so, nil where none has to.
    case allowed(by: String?)
    /// It must not begin; which line says so, or that none allows it.
    case refused(because: String)

    /// Why it must not begin; nil where it may.
    package var refusal: String? {
        guard case .refused(let reason) = self else { return nil }
        return reason
    }
}
