// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs

/// The truth about jobs, runs and agents.
///
/// Every method is one transaction: when it returns, what it did is on disk, and when it throws or the process dies,
/// nothing of it is. Where a call takes a line of the audit log, the line is in the same transaction, and there is none
/// where nothing was changed. Counts and statuses are kept in the same transaction as the moves they count, so no read scans.
/// `now` is always passed in. Methods are safe to call at the same time; writes are serialised.
package protocol JobStore: Sendable {
    /// A random id made when the store was created: agents use it to tell this store's deliveries from another's.
    var storeID: String { get }

    /// A number that rises with each transaction that was committed, before anybody is told of it: as long as it is the
    /// same, so is all that can be read.
    var version: UInt64 { get }

    // MARK: Jobs

    /// Commits a job with its frozen set, one pending run an agent, and the event `submitted`.
    ///
    /// Each run gets the next delivery number of its agent. For the agents in `offerNow` the delivery counts as offered
    /// from this transaction on, so that it can be sent right after the commit without another. Left out of that are those
    /// that are drained, and those with an earlier delivery that was not offered yet: an agent's "I hold everything up to"
    /// leaves no gaps.
    ///
    /// With ``NewJob/retryOf``, that job's timeline says so in the same transaction.
    ///
    /// - Returns: what was committed; nil where as many jobs are open as may be, and nothing was.
    /// - Throws: ``StoreError``.
    func create(_ job: NewJob) async throws -> CreatedJob?

    /// What became of an earlier submission with this key, if it is not longer ago than the key's lifetime.
    func earlierSubmission(_ key: IdempotencyKey, now: Timestamp) async throws -> EarlierSubmission

    /// The record of a job with what was asked for beside it; nil if there is no such job.
    func job(_ id: JobID, expanding expansions: Set<JobExpansion>) async throws -> Job?

    /// A part of a listing of jobs, newest first.
    ///
    /// Whatever it selects by, it goes through an index of that in the order of the listing, and from a key on takes the
    /// same time at any depth. Selected by several things at once, it goes through that of which there is least, and looks at
    /// the jobs for the rest: how long that takes depends on how many of them do not fit. The jobs by status, operation
    /// and change are counted from kept numbers; others are counted one by one, in an index where one is enough.
    func jobs(_ query: JobQuery, _ window: ListingWindow<JobID>) async throws -> ListingPart<Job>

    /// The webhook of a job with its secret; nil where it has none.
    ///
    /// - Throws: ``StoreError``.
    func webhook(of id: JobID) async throws -> NewJobWebhook?

    /// The agents of each of these jobs, each set in the order in which the agents were first seen; a job that does not
    /// exist is left out.
    ///
    /// - Throws: ``StoreError``.
    func frozenSets(of ids: Set<JobID>) async throws -> [JobID: [AgentID]]

    /// The highest id of a job; nil where there is none.
    func newestJobID() async throws -> JobID?

    /// Asks for a job to be cancelled.
    ///
    /// Pending runs that were never offered are `cancelled` at once. For each other open run its agent gets an order; until
    /// it tells how the run ended, the run stays as it is. Asking again replaces the orders that were not delivered.
    ///
    /// - Throws: ``StoreError``.
    func cancel(_ id: JobID, _ request: NewCancel, now: Timestamp) async throws -> CancelResult

    /// Deletes a job that has ended: it is out of every listing and count, and leaves nothing in them. Its rows go with
    /// ``purge(limit:)``.
    ///
    /// - Throws: ``StoreError``.
    func delete(_ id: JobID, audit: AuditEntry?) async throws -> DeleteResult

    /// Deletes, as ``delete(_:audit:)`` does, jobs that ended first, as far as they are too old or too many.
    ///
    /// - Parameters:
    ///   - retention: what is kept.
    ///   - limit: how many jobs at most in this transaction.
    ///   - now: the controller's time.
    /// - Returns: how many were deleted; less than `limit` where no more have to go.
    /// - Throws: ``StoreError``.
    func deleteHistory(_ retention: Retention, limit: Int, now: Timestamp) async throws -> Int

    /// Takes away rows of deleted jobs, about `limit` of them.
    ///
    /// - Returns: whether there are more.
    /// - Throws: ``StoreError``.
    func purge(limit: Int) async throws -> Bool

    /// How many jobs there are in each status, from kept counts.
    func statusCounts() async throws -> [JobStatus: Int]

    /// A part of the timeline of a job in the order of events; nil if there is no such job.
    func timeline(of id: JobID, limit: Int, offset: Int) async throws -> Page<TimelineEvent>?

    /// A part of those runs of a job that fit a filter, by hostname, with data if asked for; nil if there is no such job.
    ///
    /// It takes time in proportion to the job's runs at most, however many jobs there are.
    func runs(
        of id: JobID,
        _ filter: RunFilter,
        includingData: Bool,
        _ window: ListingWindow<String>
    ) async throws -> ListingPart<Run>?

    /// A part of the runs of the jobs of a listing: job by job, newest first, and by hostname in each.
    ///
    /// The read is as long as the part. A job that is deleted between two parts is left out from there on; one that does not fit
    /// the filter any more between them is brought to its end.
    ///
    /// - Parameters:
    ///   - query: which jobs; nothing is counted.
    ///   - place: after which run to go on; nil for the first.
    ///   - limit: how many runs at most, one at least.
    ///   - maximumBytes: how many bytes may be looked at of what the runs have told; one run is given whatever it has.
    /// - Returns: the runs.
    /// - Throws: ``StoreError``.
    func runs(
        ofJobs query: JobQuery,
        after place: RunPlace?,
        limit: Int,
        maximumBytes: Int
    ) async throws -> ListingPart<ListedRun>

    /// The run of a job on a host, with its data; nil if there is no such job, or none on that host.
    ///
    /// Upper and lower case of the hostname are the same, unless there are two runs that differ in nothing else.
    ///
    /// - Throws: ``StoreError``.
    func run(of id: JobID, on hostname: String) async throws -> Run?

    /// The runs of a job by their results, the rarest first, and of equally many those that did not do well; nil if there is
    /// no such job.
    ///
    /// Runs without a digest are together where they have the same state, change and code of error. It is one pass over an
    /// index with the job's runs, and a look at the data of one run of each group that is given.
    ///
    /// - Throws: ``StoreError``.
    func groups(of id: JobID, limit: Int, offset: Int) async throws -> Page<RunGroup>?

    // MARK: Watching

    /// Rings after each commit.
    var commits: CommitBell { get }

    /// The lines of all timelines after a place, in the order in which they were committed; those of deleted jobs are left out.
    ///
    /// - Parameters:
    ///   - number: the place: ``FeedEvent/number`` of the last line that is known, or ``feedEnd()``.
    ///   - limit: how many at most.
    /// - Returns: the lines.
    /// - Throws: ``StoreError``.
    func feed(after number: Int64, limit: Int) async throws -> [FeedEvent]

    /// The place of the last line; 0 where there is none.
    ///
    /// - Throws: ``StoreError``.
    func feedEnd() async throws -> Int64

    // MARK: Agents

    /// Every agent known, `connected` false, with what the fleet needs to resume its session.
    func agents() async throws -> [StoredAgent]

    /// Takes in what agents told, in order, in one transaction.
    ///
    /// An update about a run that is not known, or that comes too late, changes nothing and is no error.
    ///
    /// - Returns: the progress of each job that changed, and what is new to be delivered.
    func record(_ updates: [AgentUpdate], now: Timestamp) async throws -> StoreChanges

    /// Lets an agent take nothing new, or, with nil, lets it again. Orders to cancel still reach it.
    ///
    /// - Returns: what is to be delivered now.
    /// - Throws: ``StoreError``.
    func setDrain(
        _ drain: AgentDrain?,
        of id: AgentID,
        audit: AuditEntry?,
        now: Timestamp
    ) async throws -> StoreChanges

    /// The pending runs and the orders that each of these agents does not hold yet, marked as offered in the same
    /// transaction.
    ///
    /// Runs of jobs whose deadline has passed are left out; those of them that lie before an offered one are ended as
    /// `expired`, since the agent's next "I hold everything up to" would speak for them as well. What an agent says it
    /// holds must have been recorded (``AgentUpdate/holds(_:upTo:)``) before it is made an offer: recorded later, it
    /// would take back that the offer was made.
    ///
    /// - Parameters:
    ///   - requests: agents, and up to which delivery each says it holds; what lies above counts as not offered before.
    ///   - limit: how many deliveries an agent gets at most.
    ///   - now: the controller's time.
    /// - Returns: the deliveries to each agent for which there are any, by their numbers.
    /// - Throws: ``StoreError``.
    func offers(
        for requests: [OfferRequest],
        limit: Int,
        now: Timestamp
    ) async throws -> [AgentID: [Delivery]]

    // MARK: Any one agent

    /// The jobs for any one agent that no agent has acknowledged yet, oldest first.
    ///
    /// - Throws: ``StoreError``.
    func unacknowledgedAny(limit: Int) async throws -> [UnacknowledgedAny]

    /// Gives the run of such a job to another agent, unless the first has acknowledged it meanwhile.
    ///
    /// The first agent may hold the run. It gets no go-ahead, so it never begins it.
    ///
    /// - Returns: what is to be delivered now.
    /// - Throws: ``StoreError``.
    func reassign(
        _ id: JobID,
        from old: AgentID,
        to new: (id: AgentID, hostname: String),
        now: Timestamp
    ) async throws -> StoreChanges

    // MARK: Deadlines

    /// Ends what is overdue, some runs at a time.
    ///
    /// Of jobs past their deadline, pending runs that were never offered become `expired`; those that were offered
    /// become `lost` once the lease is over as well; every other open run becomes `lost` after the job's hard end.
    ///
    /// - Parameters:
    ///   - lease: how long an agent may be silent before what it was offered is given up.
    ///   - limit: how many runs to end at most in this transaction.
    ///   - now: the controller's time.
    /// - Returns: what was ended, and whether there is more to do at `now`.
    /// - Throws: ``StoreError``.
    func endOverdue(lease: Duration, limit: Int, now: Timestamp) async throws -> OverdueResult

    /// Makes `lost` of all acknowledged and started runs of agents that have been silent for longer than the lease.
    ///
    /// An agent that has told that its host starts again is left as it is, with all of its runs, until the time of the run
    /// that does so is over.
    ///
    /// - Returns: what changed, and until when which of the agents may be silent.
    func endSilent(_ agents: [AgentID], now: Timestamp) async throws -> SilenceResult

    /// Takes in how the wall clock stands; where it was set since the last time, open deadlines go with it.
    ///
    /// - Returns: by how much it was set.
    /// - Throws: ``StoreError``.
    func adopt(_ anchor: ClockAnchor) async throws -> Duration

    // MARK: Health

    /// Fails if the store cannot take writes now.
    func checkWritable() async throws

    /// Closes the store; pending writes are done first. Further calls throw.
    func close() async throws
}

extension JobStore {
    /// The record of a job without what can be beside it; nil if there is no such job.
    package func job(_ id: JobID) async throws -> Job? {
        try await job(id, expanding: [])
    }

    /// A part of the listing of jobs after `offset` others, however large.
    package func jobs(status: JobStatus? = nil, limit: Int, offset: Int = 0) async throws -> ListingPart<Job> {
        try await jobs(JobQuery(JobFilter(status: status)), ListingWindow(from: .offset(offset), limit: limit))
    }

    /// A part of the runs of a job after `offset` others, however large; nil if there is no such job.
    package func runs(
        of id: JobID,
        state: RunState? = nil,
        includingData: Bool = false,
        limit: Int,
        offset: Int = 0
    ) async throws -> ListingPart<Run>? {
        try await runs(
            of: id,
            RunFilter(state: state),
            includingData: includingData,
            ListingWindow(from: .offset(offset), limit: limit)
        )
    }
}
