// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The state of a job in one line: `12/40 done · 11 completed · 1 failed · 28 running`.
package struct ProgressLine: Hashable, Sendable, CustomStringConvertible {
    /// The line, without the time.
    package let description: String

    /// The line for these counts; what is zero is left out.
    package init(_ counts: RunCounts) {
        var parts = ["\(counts.terminal)/\(counts.total) done"]
        for state in RunState.allCases where state.isTerminal && counts[state] > 0 {
            parts.append("\(counts[state]) \(state.words)")
        }
        let running = counts[.acknowledged] + counts[.started]
        if running > 0 { parts.append("\(running) running") }
        if counts[.pending] > 0 { parts.append("\(counts[.pending]) waiting") }
        description = parts.joined(separator: " · ")
    }
}

/// Decides when to write a line to a stream that is no terminal: on change, and not too often.
///
/// A change that comes too soon is told later, with the next tick; the last one is told by the verdict.
package struct ProgressThrottle: Sendable {
    private let interval: Duration
    private var wrote: (line: ProgressLine, at: Duration)?

    /// Makes a throttle that lets a line pass every `interval`.
    package init(interval: Duration = .seconds(3)) {
        self.interval = interval
    }

    /// Whether to write `line` now; `now` is the time since any fixed point.
    package mutating func passes(_ line: ProgressLine, now: Duration) -> Bool {
        if let wrote, wrote.line == line || now - wrote.at < interval { return false }
        wrote = (line, now)
        return true
    }
}

extension RunState {
    /// The state as people say it: `timed out`.
    package var words: String { rawValue.split(separator: "_").joined(separator: " ") }
}

extension JobStatus {
    /// The status as people say it: `partial failure`.
    package var words: String { rawValue.split(separator: "_").joined(separator: " ") }
}
