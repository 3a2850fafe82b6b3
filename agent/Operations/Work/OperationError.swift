// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Why an operation did not do its work: thrown by operations, and made the outcome of the run.
package struct OperationError: Error, Hashable, Sendable {
    /// The end of the run: `failed`, unless it says otherwise.
    package var state = RunState.failed
    /// A stable name in `snake_case`.
    package let code: String
    /// What happened, and what an operator can do about it.
    package let message: String
    /// Whether the host was changed all the same; nil where that is not known.
    ///
    /// Counts only for what went wrong while changing: before that nothing was.
    package var changed: Bool?
    /// What there is to tell in spite of it.
    package var data: JSONValue?

    /// Makes the error of a run that failed.
    package init(_ code: String, _ message: String, changed: Bool? = nil, data: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.changed = changed
        self.data = data
    }

    /// The operation does not apply to this host: another platform, or a part that is not there.
    package static func notApplicable(_ message: String) -> OperationError {
        var error = OperationError("not_applicable", message, changed: false)
        error.state = .skipped
        return error
    }

    /// What the operation would do cannot be known before it is done.
    package static func noDryRun(_ message: String) -> OperationError {
        var error = OperationError("no_dry_run", message, changed: false)
        error.state = .skipped
        return error
    }

    /// A call to the operating system failed, while nothing was half-done.
    init(_ error: SystemError, changed: Bool? = nil) {
        self.init(Self.code(of: error.code), error.message, changed: changed)
    }

    /// A call to the operating system that has just failed.
    ///
    /// - Parameters:
    ///   - action: what was tried: `cannot open '/etc/motd'`.
    ///   - code: the errno.
    /// - Returns: the error.
    static func system(_ action: String, _ code: Int32) -> OperationError {
        OperationError(SystemError(code: code, action: action))
    }

    /// The outcome of the run.
    ///
    /// - Parameter isUnchanged: whether it went wrong before anything was changed.
    /// - Returns: the outcome.
    func outcome(isUnchanged: Bool) -> RunOutcome {
        RunOutcome(
            state: state,
            changed: isUnchanged ? false : changed,
            error: RunError(code: code, message: message),
            data: data
        )
    }
}
