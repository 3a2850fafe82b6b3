// SPDX-License-Identifier: Apache-2.0

/// The status of a job, which follows from what happened to its runs.
public enum JobStatus: String, Codable, Sendable, CaseIterable, Hashable {
    /// No agent has acknowledged yet.
    case submitted
    /// At least one agent has acknowledged, and not every run is terminal.
    case processing
    /// Every run is completed or skipped.
    case completed
    /// Every run is terminal, none completed, and some did not end well.
    case failed
    /// Every run is terminal, some completed and some did not end well.
    case partialFailure = "partial_failure"
    /// Every run is terminal and some were cancelled.
    case cancelled

    /// Whether the job is at its end: exactly when all its runs are.
    public var isTerminal: Bool {
        switch self {
        case .submitted, .processing: false
        case .completed, .failed, .partialFailure, .cancelled: true
        }
    }
}
