// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a program of the host answered that an operation has asked.
package struct ToolResult: Sendable {
    /// Its exit code.
    package let exitCode: Int32
    /// What it wrote to its standard output.
    package let output: [UInt8]
    /// What it wrote to its standard error.
    package let errors: String

    /// The output as text; bytes that are no UTF-8 are replaced.
    package var text: String { String(decoding: output, as: UTF8.self) }

    /// The lines of the output without empty ones.
    package var lines: [Substring] { text.split(whereSeparator: \.isNewline) }

    /// The last line of what it complained, or of what it said, for a message.
    package var complaint: String {
        let line = errors.split(whereSeparator: \.isNewline).last ?? lines.last ?? ""
        return String(line.prefix(300))
    }
}

extension OperationContext {
    /// The most bytes that a program of the host may answer to an operation.
    static let toolOutputLimit = 8 * 1024 * 1024

    /// Whether the host has a program, in the PATH that operations use or by its path.
    package func hasTool(_ name: String) -> Bool {
        (try? ProgramLookup.file(of: name, path: environment["PATH"] ?? "")).map(ProgramLookup.isProgram) ?? false
    }

    /// Runs a program of the host to its end, without a shell and in the C locale.
    ///
    /// It is ended with all that it has started when the run is cancelled, and when the run's time is over.
    ///
    /// - Parameters:
    ///   - arguments: the program and its arguments. Nothing secret: every user of the host can read them.
    ///   - input: what it reads from its standard input.
    ///   - variables: variables on top of those of all operations.
    ///   - ok: the exit codes that are no failure; nil for all.
    /// - Returns: what it answered.
    /// - Throws: ``OperationError``: `skipped` where there is no such program; `failed` for another exit code, with the
    ///   last line of what it said.
    package func tool(
        _ arguments: [String],
        input: String? = nil,
        environment variables: [String: String] = [:],
        ok: Set<Int32>? = [0]
    ) async throws(OperationError) -> ToolResult {
        let name = arguments.first ?? ""
        guard hasTool(name) else { throw .notApplicable("this host has no '\(name)'") }
        let request = ProcessRequest(
            arguments: arguments,
            environment: environment.merging(["LC_ALL": "C.UTF-8", "LANGUAGE": ""]) { $1 }.merging(variables) { $1 },
            directory: "/",
            input: input.map { Array($0.utf8) },
            // Half of a limit is kept of the beginning, half of the end.
            outputLimit: Self.toolOutputLimit,
            timeout: timeLeft,
            grace: grace,
            drain: drain,
            groups: controlGroups
        )
        let result: ProcessResult
        do {
            result = try await runProcess(request, cancellation: cancellation)
        } catch {
            throw OperationError(error)
        }
        return try answer(of: result, name: name, ok: ok)
    }

    private func answer(
        of result: ProcessResult,
        name: String,
        ok: Set<Int32>?
    ) throws(OperationError) -> ToolResult {
        switch result.ending {
        case .timedOut:
            var error = OperationError("timed_out", "'\(name)' was ended: the time of the run was over")
            error.state = .timedOut
            throw error
        case .cancelled:
            var error = OperationError("cancelled", "ended on request while '\(name)' ran")
            error.state = .cancelled
            throw error
        case .left: throw OperationError("interrupted", "'\(name)' was left running when the agent was stopped")
        case nil: break
        }
        guard case .exited(let code) = result.end else {
            throw OperationError("tool_failed", "'\(name)' was ended by a signal")
        }
        guard let output = result.output.whole else {
            throw OperationError("tool_failed", "'\(name)' wrote more than \(Self.toolOutputLimit) bytes")
        }
        let answer = ToolResult(exitCode: code, output: output, errors: result.errorOutput.text)
        guard ok?.contains(code) ?? true else {
            throw OperationError("tool_failed", "'\(name)' ended with exit code \(code): \(answer.complaint)")
        }
        return answer
    }

    /// How long the run may still take.
    package var timeLeft: Duration { max(.milliseconds(1), deadline - ContinuousClock.now) }
}
