// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The last word on a job: `partial failure: 4 of 5 hosts completed, 1 failed; 4 changed; took 0.1s`.
package struct Verdict: Hashable, Sendable, CustomStringConvertible {
    /// The line.
    package let description: String

    /// The verdict on a job, at its end or before.
    package init(_ job: Job) {
        let counts = job.agentCounts
        var parts = ["\(counts[.completed]) of \(counts.total) \(counts.total == 1 ? "host" : "hosts") completed"]
        for state in RunState.allCases where state.isTerminal && state != .completed && counts[state] > 0 {
            parts.append("\(counts[state]) \(state.words)")
        }
        let open = counts.total - counts.terminal
        if open > 0 { parts.append("\(open) not done") }
        var text = "\(job.status.words): \(parts.joined(separator: ", "))"
        if job.changed != nil { text += "; \(job.agentsChanged) \(job.dryRun ? "would change" : "changed")" }
        if let completedAt = job.completedAt { text += "; took \((completedAt - job.createdAt).brief)" }
        description = text
    }
}
