// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Logging

/// A kind of work that an agent can do on its host.
///
/// It tells of everything that goes wrong with the work by its outcome, and throws only for what it did not foresee.
/// Most operations are a ``ReadOperation`` or a ``ModifyOperation``.
package protocol Operation: Sendable {
    /// Its name in the catalogue: `command.exec`.
    var type: String { get }

    /// Whether it heeds ``OperationContext/isDryRun``; one that looks only need not.
    var canDryRun: Bool { get }

    /// Does the work.
    ///
    /// Cancelling the task ends the work, with everything that was started for it, and answers the outcome `cancelled`.
    ///
    /// - Parameters:
    ///   - parameters: what the job says, checked against the catalogue, with references replaced and defaults filled in.
    ///   - context: what the agent gives to all operations.
    /// - Returns: how it went.
    /// - Throws: what was not foreseen; the runner makes it the error `internal_error`.
    func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome
}

/// What the agent gives to all operations.
package struct OperationContext: Sendable {
    /// Where to log.
    package var logger: Logger
    /// How long a process may take to end after SIGTERM, before it gets SIGKILL.
    package var grace: Duration
    /// How long output is still read after a process has ended, while a process that it left behind keeps it open.
    package var drain: Duration
    /// The environment of a process, before that of the job is added.
    package var environment: [String: String]
    /// Where a process starts if the job does not say.
    package var workingDirectory: String
    /// Whether nothing is to be touched, and only told what would be.
    package var isDryRun = false
    /// When the time of the run is over.
    package var deadline = ContinuousClock.now + .seconds(86_400)
    /// The labels of this host.
    package var labels: [String: String] = [:]
    /// The facts of this host.
    package var facts: @Sendable () -> [String: JSONValue] = { HostFacts.collect() }
    /// How the run is to be ended, where it is.
    package var cancellation = RunCancellation()
    /// The controller's stored objects.
    package var objects: any ObjectSource = NoObjects()
    /// Of which job the run is; nil in `broker-agent operation run`.
    package var jobID: JobID?
    /// Where the outputs of the run are kept where its data has no room for them; nil for nowhere.
    package var outputs: RunOutputs?
    /// Where what the run writes is shown while it goes on; nil for nowhere.
    package var live: LiveOutput?
    /// Lets the run wait for the return of its host; nil where there is no ledger that would know of it then.
    package var returnWatch: ReturnWatch?
    /// Where runs get control groups of their own; nil for none.
    package var controlGroups: ControlGroups? = .own
    /// The time of day.
    package var now: @Sendable () -> Timestamp

    /// Makes a context; the defaults are those of the agent.
    package init(
        logger: Logger,
        grace: Duration = .seconds(5),
        drain: Duration = .seconds(1),
        environment: [String: String] = OperationContext.minimalEnvironment,
        workingDirectory: String = "/",
        now: @escaping @Sendable () -> Timestamp = WallClock.now
    ) {
        self.logger = logger
        self.grace = grace
        self.drain = drain
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.now = now
    }
}

extension RunOutcome {
    /// The outcome of a dry run of an operation that cannot say beforehand what it would do; nothing was done.
    package static func noDryRun(of type: String) -> RunOutcome {
        let message = "what \(type) would do cannot be known before it is done"
        return OperationError.noDryRun(message).outcome(isUnchanged: true)
    }

    /// The outcome of parameters that break the operation's rules; nothing was done.
    package static func invalidParameters(_ detail: String) -> RunOutcome {
        RunOutcome(state: .failed, changed: false, error: RunError(code: "invalid_parameters", message: detail))
    }

    /// The outcome of a job for an operation that this agent does not have; nothing was done.
    package static func unknownOperation(_ type: String) -> RunOutcome {
        let message = "this agent has no operation '\(type)'"
        return RunOutcome(state: .failed, changed: false, error: RunError(code: "unknown_operation", message: message))
    }
}
