// SPDX-License-Identifier: Apache-2.0

package import BrokerClient
internal import Jobs

/// What to tell the user of a call that failed: a line, and below it each fault with its place.
package struct ErrorReport: Hashable, Sendable, CustomStringConvertible {
    /// The lines, without the program's name.
    package let description: String

    /// The report of an error.
    package init(_ error: BrokerClientError) {
        var lines = [error.message]
        switch error.code {
        case .refused(let problem):
            let id = problem.requestID.map { ", request \($0)" } ?? ""
            lines = ["\(problem.detail) (\(problem.status) \(problem.code)\(id))"]
            lines += problem.errors.map { $0.pointer.isEmpty ? "  \($0.detail)" : "  \($0.pointer): \($0.detail)" }
        case .unreachable, .timedOut:
            lines[0] += " (from --url, BROKER_URL or the configuration file)"
        case .invalidConfiguration, .badAnswer:
            break
        }
        // The detail may quote what came from elsewhere, and stderr is a terminal more often than not.
        description = lines.map { SafeText.line.made(of: $0) }.joined(separator: "\n")
    }
}
