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
            // Without a problem in it, the answer may be anyone's, and the detail says all there is.
            let id = problem.requestID.map { ", request \($0)" } ?? ""
            let code = " (\(problem.status) \(problem.code)\(id))"
            lines = [problem.detail + (problem.code.hasPrefix("http_") ? "" : code)]
            let faults = problem.errors.filter { $0.detail != problem.detail }
            lines += faults.map { $0.place.isEmpty ? "  \($0.detail)" : "  \($0.place): \($0.detail)" }
        case .invalidConfiguration, .unreachable, .untrusted, .timedOut, .badAnswer:
            break
        }
        // The detail may quote what came from elsewhere, and stderr is a terminal more often than not.
        description = lines.map { SafeText.line.made(of: $0) }.joined(separator: "\n")
    }
}
