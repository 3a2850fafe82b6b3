// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `command.exec`, `command.shell` and `script.run`: runs a program, a line of the shell, or a script.
///
/// The program runs in a session and process group of its own, with a small environment, and gets no descriptor of the
/// agent. When its time is up or the run is cancelled, it is ended with everything that it started, also what has left
/// the session. A process that it leaves behind when it ends by itself is left alone; its output is read for a second
/// more and then nobody reads it.
struct CommandOperation: Operation {
    private let form: CommandParameters.Form

    /// Makes the operation that has its parameters in `form`.
    init(_ form: CommandParameters.Form) {
        self.form = form
    }

    var type: String { form.rawValue }

    /// What a program does is not known before it has done it; that it would not be run at all is.
    let canDryRun = true

    func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome {
        let command: CommandParameters
        do {
            command = try CommandParameters(validating: parameters, for: form)
        } catch {
            return .invalidParameters(error.description)
        }
        if let reason = Self.reasonToSkip(command) {
            return RunOutcome(state: .completed, changed: false, data: ["skipped_because": .string(reason)])
        }
        if context.isDryRun { return .noDryRun(of: type) }
        guard let body = command.body else { return await Self.outcome(of: command, in: context) }
        do throws(OperationError) {
            return try await Self.outcome(ofScript: body, command, in: context)
        } catch {
            return error.outcome(isUnchanged: true)
        }
    }

    private static func outcome(of command: CommandParameters, in context: OperationContext) async -> RunOutcome {
        do {
            let result = try await runProcess(
                ProcessRequest(command, in: context),
                cancellation: context.cancellation
            )
            return RunOutcome(result, of: command)
        } catch {
            let error = RunError(code: "spawn_failed", message: error.message)
            return RunOutcome(state: .failed, changed: false, error: error)
        }
    }

    /// Runs a script from a file that is there as long as it runs.
    private static func outcome(
        ofScript body: String,
        _ command: CommandParameters,
        in context: OperationContext
    ) async throws(OperationError) -> RunOutcome {
        let file = try ScriptFile(body, now: context.now())
        let outcome = await outcome(of: command.running(file: file.path), in: context)
        // One that is left running may still be read from.
        if !context.cancellation.isLeft { file.remove() }
        return outcome
    }

    private static func reasonToSkip(_ command: CommandParameters) -> String? {
        if let path = command.creates, exists(path) { return "'\(path)' exists" }
        if let path = command.removes, !exists(path) { return "'\(path)' does not exist" }
        return nil
    }

    /// Whether there is something at `path`; a link that leads nowhere is something.
    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }
}

extension ProcessRequest {
    fileprivate init(_ command: CommandParameters, in context: OperationContext) {
        self.init(
            arguments: command.argv,
            environment: context.environment.merging(command.env) { $1 }.merging(command.secretEnv) { $1 },
            directory: command.cwd ?? context.workingDirectory,
            input: command.stdin.map { Array($0.utf8) },
            outputLimit: command.outputLimit,
            timeout: command.timeout,
            grace: context.grace,
            drain: context.drain,
            groups: context.controlGroups,
            outputs: context.outputs,
            live: context.live
        )
    }
}
