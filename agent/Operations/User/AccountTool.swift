// SPDX-License-Identifier: Apache-2.0

import Jobs

extension OperationContext {
    /// Runs a program that changes accounts.
    ///
    /// - Parameters:
    ///   - arguments: the program and its arguments; nothing secret.
    ///   - input: what it reads from its standard input.
    ///   - undo: takes back what it has done by halves.
    /// - Throws: ``OperationError`` that says whether the accounts are different all the same.
    func accountTool(
        _ arguments: [String],
        input: String? = nil,
        undo: (() async -> Void)? = nil
    ) async throws(OperationError) {
        let before = try Accounts.read()
        do throws(OperationError) {
            // Dates are days of UTC.
            let result = try await tool(arguments, input: input, environment: ["TZ": "UTC"], ok: nil)
            guard result.exitCode != 0 else { return }
            let code = result.complaint.contains("currently used by process") ? "user_in_use" : "tool_failed"
            let name = arguments.first ?? ""
            throw OperationError(code, "'\(name)' ended with exit code \(result.exitCode): \(result.complaint)")
        } catch {
            if let undo, (try? Accounts.read()) != before { await undo() }
            var error = error
            error.changed = (try? Accounts.read()).map { $0 != before }
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
