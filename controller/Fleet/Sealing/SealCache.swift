// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Signing

/// The envelope of a job as it is handed out: signed once, to however many agents it goes.
struct SealedJob: Sendable {
    let envelope: Data
    let keyID: String
    let signature: Data
    let tree: TargetTree
}

/// Which envelope of a job: what it says changes where its deadline is moved.
struct SealKey: Hashable, Sendable {
    let jobID: JobID
    let attempt: Int
    let deadline: Timestamp

    init(_ assignment: Assignment) {
        jobID = assignment.jobID
        attempt = assignment.attempt
        deadline = assignment.deadline
    }
}

/// The envelopes that were signed lately.
///
/// Pure; bounded: what was used least lately goes, and is signed again where it is needed.
struct SealCache: Sendable {
    private struct Entry {
        let job: SealedJob
        var usedAt: UInt64

        /// About how many bytes it takes.
        var size: Int { job.envelope.count + job.tree.size * 2 * TargetHash.byteCount + 500 }
    }

    private let maximumBytes: Int
    private let maximumJobs: Int
    private var entries: [SealKey: Entry] = [:]
    private var bytes = 0
    private var uses: UInt64 = 0
    /// Sets of agents whose trees were made lately, since jobs often go to the same agents.
    private var recent: [(agents: [AgentID], tree: TargetTree)] = []
    private static let recentSets = 4

    /// Makes a cache without entries.
    ///
    /// - Parameters:
    ///   - maximumBytes: how much it holds, for hosts of large jobs that come late.
    ///   - maximumJobs: how many jobs it holds. Most are for a few hosts, which have them at once.
    init(maximumBytes: Int = 128 << 20, maximumJobs: Int = 1000) {
        self.maximumBytes = maximumBytes
        self.maximumJobs = maximumJobs
    }

    mutating func job(_ key: SealKey) -> SealedJob? {
        uses += 1
        entries[key]?.usedAt = uses
        return entries[key]?.job
    }

    mutating func insert(_ job: SealedJob, for key: SealKey) {
        uses += 1
        if let old = entries[key] { bytes -= old.size }
        let entry = Entry(job: job, usedAt: uses)
        entries[key] = entry
        bytes += entry.size
        guard bytes > maximumBytes || entries.count > maximumJobs else { return }
        // More than has to go, so that not each insertion sorts.
        for (key, entry) in entries.sorted(by: { $0.value.usedAt < $1.value.usedAt }).dropLast() {
            guard bytes > maximumBytes / 2 || entries.count > maximumJobs / 2 else { break }
            entries[key] = nil
            bytes -= entry.size
        }
    }

    /// The tree of a set that was had before; nil where it has to be made.
    func tree(of agents: [AgentID]) -> TargetTree? {
        recent.first { $0.agents == agents }?.tree
    }

    mutating func note(_ tree: TargetTree, of agents: [AgentID]) {
        recent.append((agents, tree))
        if recent.count > Self.recentSets { recent.removeFirst() }
    }
}
