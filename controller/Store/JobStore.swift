// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The truth about jobs, runs and agents.
///
/// Every method is one transaction: when it returns, what it did is on disk, and when it throws or the process dies,
/// nothing of it is. Counts and statuses are kept in the same transaction as the moves they count, so no read scans.
/// `now` is always passed in. Methods are safe to call at the same time; writes are serialised.
package protocol JobStore: Sendable {
    /// A random id made when the store was created: agents use it to tell this store's deliveries from another's.
    var storeID: String { get }

    // MARK: Jobs

    /// Commits a job with its frozen set, one pending run an agent, and the event `submitted`.
    ///
    /// Each run gets the next delivery number of its agent. For the agents in `offerNow` the delivery counts as offered
    /// from this transaction on, so that it can be sent right after the commit without another. That is only for agents
    /// that have no earlier run which was not offered yet: an agent's "I hold everything up to" leaves no gaps.
    ///
    /// - Throws: ``StoreError``.
    func create(_ job: NewJob) async throws -> CreatedJob

    /// What became of an earlier submission with this key, if it is not longer ago than the key's lifetime.
    func earlierSubmission(_ key: IdempotencyKey, now: Timestamp) async throws -> EarlierSubmission

    /// The record of a job without its timeline; nil if there is no such job.
    func job(_ id: JobID) async throws -> Job?

    /// A part of the listing of jobs, newest first, without timelines. `total` comes from kept counts.
    func jobs(status: JobStatus?, limit: Int, offset: Int) async throws -> Page<Job>

    /// How many jobs there are in each status, from kept counts.
    func statusCounts() async throws -> [JobStatus: Int]

    /// A part of the timeline of a job in the order of events; nil if there is no such job.
    func timeline(of id: JobID, limit: Int, offset: Int) async throws -> Page<TimelineEvent>?

    /// A part of the runs of a job by hostname, with data if asked for; nil if there is no such job.
    func runs(
        of id: JobID,
        state: RunState?,
        includingData: Bool,
        limit: Int,
        offset: Int
    ) async throws -> Page<Run>?

    // MARK: Agents

    /// Every agent known, `connected` false, with what the fleet needs to resume its session.
    func agents() async throws -> [StoredAgent]

    /// Takes in what agents told, in order, in one transaction.
    ///
    /// An update about a run that is not known, or that comes too late, changes nothing and is no error.
    ///
    /// - Returns: the progress of each job that changed.
    func record(_ updates: [AgentUpdate], now: Timestamp) async throws -> [JobID: JobStateMachine]

    /// The pending runs that each of these agents does not hold yet, marked as offered in the same transaction.
    ///
    /// Runs of jobs whose deadline has passed are left out; those of them that lie before an offered one are ended as
    /// `expired`, since the agent's next "I hold everything up to" would speak for them as well. What an agent says it
    /// holds must have been recorded (``AgentUpdate/holds(_:upTo:)``) before it is made an offer: recorded later, it
    /// would take back that the offer was made.
    ///
    /// - Parameters:
    ///   - requests: agents, and up to which delivery each says it holds; what lies above counts as not offered before.
    ///   - limit: how many assignments an agent gets at most.
    ///   - now: the controller's time.
    /// - Returns: the assignments of each agent for which there are any, oldest first.
    /// - Throws: ``StoreError``.
    func offers(
        for requests: [OfferRequest],
        limit: Int,
        now: Timestamp
    ) async throws -> [AgentID: [Assignment]]

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
    /// - Returns: the progress of each job that changed.
    func endSilent(_ agents: [AgentID], now: Timestamp) async throws -> [JobID: JobStateMachine]

    // MARK: Health

    /// Fails if the store cannot take writes now.
    func checkWritable() async throws

    /// Closes the store; pending writes are done first. Further calls throw.
    func close() async throws
}
