// SPDX-License-Identifier: Apache-2.0

import Jobs

extension OperationContext {
    /// Runs a program that changes accounts, once.
    ///
    /// - Parameters:
    ///   - arguments: the program and its arguments; nothing secret.
    ///   - input: what it reads from its standard input.
    ///   - undo: takes back what the program, by its answer, may have done by halves; nothing ends it with the run.
    /// - Throws: ``OperationError`` that says whether the accounts are different all the same.
    func accountTool(
        _ arguments: [String],
        input: String? = nil,
        undo: (@Sendable (ToolResult, OperationContext) async -> Void)? = nil
    ) async throws(OperationError) {
        let before = try Accounts.read()
        var hasRefused = false
        do throws(OperationError) {
            // Dates are days of UTC.
            let result = try await tool(arguments, input: input, environment: ["TZ": "UTC"], ok: nil)
            guard result.exitCode != 0 else { return }
            hasRefused = AccountToolExit.refusals.contains(result.exitCode)
            if let undo, !hasRefused { await shielded { await undo(result, $0) } }
            let code = result.complaint.contains("currently used by process") ? "user_in_use" : "tool_failed"
            let name = arguments.first ?? ""
            throw OperationError(code, "'\(name)' ended with exit code \(result.exitCode): \(result.complaint)")
        } catch {
            var error = error
            // What is different after a refusal was done by others.
            error.changed = hasRefused ? false : (try? Accounts.read()).map { $0.differs(from: before) }
            throw error
        }
    }

    /// Refuses a host without the programs of the package `passwd` or `shadow-utils`.
    func needAccountTools() throws(OperationError) {
        guard hasTool("useradd"), hasTool("usermod"), hasTool("groupadd") else {
            throw .notApplicable("this host has no useradd, usermod and groupadd")
        }
    }
}

/// How the programs of shadow say that they have failed, by useradd(8), usermod(8) and their like.
enum AccountToolExit {
    /// The codes of what is found out before anything is written: bad arguments, a number or a name that is in use or
    /// not there, a user who is logged in, and a name that is none.
    static let refusals: Set<Int32> = [2, 3, 4, 6, 8, 9, 19]

    /// Whether useradd has failed when the user was already written: without a home or a mailbox, or in the middle of
    /// the files.
    ///
    /// Only then is a user of that name surely the one that it has made.
    static func hasWritten(_ result: ToolResult) -> Bool {
        [12, 13, 14].contains(result.exitCode) || result.errors.contains("failure while writing changes")
    }
}
