// SPDX-License-Identifier: Apache-2.0

/// Where a job stands as a whole: counts, status, changes and its end.
///
/// Pure; moved on by the moves of its runs.
///
/// The store keeps these values beside the job and updates them in the transaction that moves a run, so that no read
/// ever has to count runs.
public struct JobStateMachine: Hashable, Sendable {
    /// How many runs are in each state.
    public private(set) var counts: RunCounts
    /// How many runs changed their host.
    public private(set) var changedCount: Int
    /// How many runs are known to have left their host as it was.
    public private(set) var unchangedCount: Int
    /// When the first agent acknowledged; nil where none did before the end.
    public private(set) var acknowledgedAt: Timestamp?
    /// When the first run began; nil where none did before the end.
    public private(set) var startedAt: Timestamp?
    /// When the last run became terminal; kept when a late truth enters afterwards.
    public private(set) var completedAt: Timestamp?
    /// When the status last became another one; nil for as long as it is that of the submission.
    public private(set) var statusUpdatedAt: Timestamp?

    /// A job at its submission: every run pending.
    public init(frozenSetSize: Int) {
        self.init(counts: RunCounts(pending: frozenSetSize), changedCount: 0, unchangedCount: 0)
    }

    /// A job as a store kept it.
    public init(
        counts: RunCounts,
        changedCount: Int,
        unchangedCount: Int,
        acknowledgedAt: Timestamp? = nil,
        startedAt: Timestamp? = nil,
        completedAt: Timestamp? = nil,
        statusUpdatedAt: Timestamp? = nil
    ) {
        self.counts = counts
        self.changedCount = changedCount
        self.unchangedCount = unchangedCount
        self.acknowledgedAt = acknowledgedAt
        self.startedAt = startedAt
        self.completedAt = completedAt
        self.statusUpdatedAt = statusUpdatedAt
    }

    /// The status that follows from the states of the runs: it never goes back from processing to submitted.
    public var status: JobStatus {
        counts.finalStatus ?? (acknowledgedAt == nil ? .submitted : .processing)
    }

    /// True if any run changed its host, nil until one is known, else false.
    public var changed: Bool? {
        if changedCount > 0 { return true }
        return unchangedCount > 0 ? false : nil
    }

    /// Takes in that a run of this job moved from `old` to `new`.
    ///
    /// - Parameters:
    ///   - old: the run before the move, as ``RunStateMachine`` was given it.
    ///   - new: the run after the move.
    ///   - now: the controller's time.
    public mutating func runMoved(from old: Run, to new: Run, now: Timestamp) {
        let before = status
        counts[old.state] -= 1
        counts[new.state] += 1
        count(old.changed, by: -1)
        count(new.changed, by: 1)
        if completedAt == nil {
            if new.acknowledgedAt != nil { acknowledgedAt = acknowledgedAt ?? now }
            if new.startedAt != nil { startedAt = startedAt ?? now }
            if status.isTerminal { completedAt = now }
        }
        if status != before { statusUpdatedAt = now }
    }

    private mutating func count(_ changed: Bool?, by difference: Int) {
        switch changed {
        case true: changedCount += difference
        case false: unchangedCount += difference
        case nil: break
        }
    }
}
