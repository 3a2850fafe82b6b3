// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// A colour with a meaning.
package enum Ink: Sendable, Hashable {
    /// No colour.
    case plain
    /// All is well.
    case good
    /// Something did not go well.
    case bad
    /// Something to look at.
    case notice
    /// Of little weight.
    case faint

    /// The colour of a run's state.
    package init(_ state: RunState) {
        switch state {
        case .completed: self = .good
        case .failed, .timedOut, .lost, .expired: self = .bad
        case .cancelled, .skipped: self = .notice
        case .pending, .acknowledged, .started: self = .plain
        }
    }

    /// The colour of a job's status.
    package init(_ status: JobStatus) {
        switch status {
        case .completed: self = .good
        case .failed: self = .bad
        case .partialFailure, .cancelled: self = .notice
        case .submitted, .processing: self = .plain
        }
    }

    /// The text between the terminal's orders for this colour.
    package func on(_ text: String) -> String {
        code.map { "\u{1B}[\($0)m\(text)\u{1B}[0m" } ?? text
    }

    private var code: String? {
        switch self {
        case .plain: nil
        case .good: "32"
        case .bad: "31"
        case .notice: "33"
        case .faint: "2"
        }
    }
}
