// SPDX-License-Identifier: Apache-2.0

/// All that is known after a campaign, from sources that do not know of each other.
struct Evidence: Sendable {
    /// What a client was told of a submission.
    enum Answer: Hashable, Sendable {
        /// 201, with this id.
        case accepted(String)
        /// The controller said no, with this code.
        case refused(String)
        /// No answer came, or a broken one: the job may exist or not.
        case unknown(String)
    }

    /// A job that a client wanted.
    struct Submission: Sendable {
        /// In the note of the job and in the lines that its commands write.
        var marker: String
        /// How many hosts the target selects; nil where that depends on the moment.
        var hosts: Int?
        /// How many attempts a run may have.
        var attempts = 1
        var answer: Answer
    }

    /// Something that a client did to a job.
    struct Deed: Sendable {
        enum Kind: Sendable {
            case cancel
            /// Accepted with the id of the new job.
            case retry
            case delete
        }

        var kind: Kind
        var jobID: String
        var answer: Answer
    }

    /// A line that a command wrote on its host.
    struct Trace: Hashable, Sendable {
        var marker: String
        var hostname: String
        var jobID: String
        var attempt: Int
        /// When it was written, in milliseconds of the wall clock, where that was some seconds after the beginning, by a
        /// process that could have been ended before; nil for a line of the beginning.
        var lateTime: Int64?
    }

    /// A job as the API shows it.
    struct Record: Sendable {
        var job: JobFact
        var runs: [RunFact]
        var timeline: [EventFact]
    }

    /// What the clients were told.
    var submissions: [Submission] = []
    var deeds: [Deed] = []
    /// What the operations wrote on the hosts.
    var traces: [Trace] = []
    /// What the API shows.
    var records: [Record] = []
    var agents: [AgentFact] = []
    var status = StatusFact(jobs: [:], agents: StatusFact.Agents(known: 0, connected: 0))
    /// What the agents hold on their disks, by hostname.
    var ledgers: [String: [LedgerFact]] = [:]
}

/// Something that must never be.
struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// What rule was broken.
    enum Rule: String, Sendable, CaseIterable {
        case acceptedJobIsMissing
        case refusedJobExists
        case unknownMarker
        case executedTwice
        case completedWithoutExecution
        case expiredButExecuted
        case executedOutsideTheSet
        case executedWithoutRecord
        case outputOfAnother
        case unexpectedEnd
        case cancelledUnasked
        case outlivedItsEnd
        case deletedJobExists
        case retryIsMissing
        case notTerminal
        case countsAreWrong
        case statusIsWrong
        case changedIsWrong
        case timesAreWrong
        case timelineIsWrong
        case summaryIsWrong
        case ledgerDisagrees
    }

    let rule: Rule
    /// The marker of the job; nil where it is about no single one.
    let marker: String?
    let detail: String

    var description: String { "\(rule.rawValue): \(detail)" }
}
