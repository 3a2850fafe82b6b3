// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Store

/// A store that can do nothing, for one reason.
struct FailingStore: JobStore {
    let error: any Error
    let storeID = "failing"
    let version: UInt64 = 0

    func create(_ job: NewJob) async throws -> CreatedJob? { throw error }
    func earlierSubmission(_ key: IdempotencyKey, now: Timestamp) async throws -> EarlierSubmission { throw error }
    func job(_ id: JobID, expanding expansions: Set<JobExpansion>) async throws -> Job? { throw error }
    func jobs(_ query: JobQuery, _ window: ListingWindow<JobID>) async throws -> ListingPart<Job> { throw error }
    func webhook(of id: JobID) async throws -> NewJobWebhook? { throw error }
    func statusCounts() async throws -> [JobStatus: Int] { throw error }
    func timeline(of id: JobID, limit: Int, offset: Int) async throws -> Page<TimelineEvent>? { throw error }
    func runs(
        of id: JobID,
        _ filter: RunFilter,
        includingData: Bool,
        _ window: ListingWindow<String>
    ) async throws -> ListingPart<Run>? { throw error }
    func runs(
        ofJobs query: JobQuery,
        after place: RunPlace?,
        limit: Int,
        maximumBytes: Int
    ) async throws -> ListingPart<ListedRun> { throw error }
    func run(of id: JobID, on hostname: String) async throws -> Run? { throw error }
    func groups(of id: JobID, limit: Int, offset: Int) async throws -> Page<RunGroup>? { throw error }
    func agents() async throws -> [StoredAgent] { throw error }
    func record(_ updates: [AgentUpdate], now: Timestamp) async throws -> StoreChanges { throw error }
    func offers(
        for requests: [OfferRequest],
        limit: Int,
        now: Timestamp
    ) async throws -> [AgentID: [Delivery]] { throw error }
    func endOverdue(lease: Duration, limit: Int, now: Timestamp) async throws -> OverdueResult { throw error }
    func endSilent(_ agents: [AgentID], now: Timestamp) async throws -> SilenceResult { throw error }
    func frozenSets(of ids: Set<JobID>) async throws -> [JobID: [AgentID]] { throw error }
    func newestJobID() async throws -> JobID? { throw error }
    func cancel(_ id: JobID, _ request: NewCancel, now: Timestamp) async throws -> CancelResult { throw error }
    func delete(_ id: JobID, audit: AuditEntry?) async throws -> DeleteResult { throw error }
    func deleteHistory(_ retention: Retention, limit: Int, now: Timestamp) async throws -> Int { throw error }
    func purge(limit: Int) async throws -> Bool { throw error }
    func setDrain(
        _ drain: AgentDrain?,
        of id: AgentID,
        audit: AuditEntry?,
        now: Timestamp
    ) async throws -> StoreChanges { throw error }
    func unacknowledgedAny(limit: Int) async throws -> [UnacknowledgedAny] { throw error }
    func reassign(
        _ id: JobID,
        from old: AgentID,
        to new: (id: AgentID, hostname: String),
        now: Timestamp
    ) async throws -> StoreChanges { throw error }
    func adopt(_ anchor: ClockAnchor) async throws -> Duration { throw error }
    var commits: CommitBell { CommitBell() }
    func feed(after number: Int64, limit: Int) async throws -> [FeedEvent] { throw error }
    func feedEnd() async throws -> Int64 { throw error }
    func checkWritable() async throws { throw error }
    func close() async throws {}
}
