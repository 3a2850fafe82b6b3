// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Store
import Synchronization

/// A store that notes how many items it was asked for at once.
final class WatchedStore: JobStore {
    private let store: any JobStore
    private let largest = Mutex(0)
    private let parts = Mutex(0)
    private let beforePart: @Sendable (Int) async throws -> Void

    /// Watches a store.
    ///
    /// - Parameters:
    ///   - store: the store.
    ///   - beforePart: called with the number of each part of a listing before it is read, from 1 on.
    init(_ store: any JobStore, beforePart: @escaping @Sendable (Int) async throws -> Void = { _ in }) {
        self.store = store
        self.beforePart = beforePart
    }

    /// The most items of a listing that were given at once.
    var largestPart: Int { largest.withLock { $0 } }

    /// How many parts of listings were read.
    var partsRead: Int { parts.withLock { $0 } }

    var storeID: String { store.storeID }
    var version: UInt64 { store.version }
    var commits: CommitBell { store.commits }

    func feed(after number: Int64, limit: Int) async throws -> [FeedEvent] {
        try await store.feed(after: number, limit: limit)
    }

    func feedEnd() async throws -> Int64 { try await store.feedEnd() }

    func jobs(_ query: JobQuery, _ window: ListingWindow<JobID>) async throws -> ListingPart<Job> {
        try await noted { try await store.jobs(query, window) }
    }

    func runs(
        of id: JobID,
        _ filter: RunFilter,
        includingData: Bool,
        _ window: ListingWindow<String>
    ) async throws -> ListingPart<Run>? {
        let part = try await store.runs(of: id, filter, includingData: includingData, window)
        guard let part else { return nil }
        return try await noted { part }
    }

    func runs(
        ofJobs query: JobQuery,
        after place: RunPlace?,
        limit: Int,
        maximumBytes: Int
    ) async throws -> ListingPart<ListedRun> {
        try await noted {
            try await store.runs(ofJobs: query, after: place, limit: limit, maximumBytes: maximumBytes)
        }
    }

    private func noted<Item>(_ read: () async throws -> ListingPart<Item>) async throws -> ListingPart<Item> {
        let number = parts.withLock { parts in
            parts += 1
            return parts
        }
        try await beforePart(number)
        let part = try await read()
        largest.withLock { $0 = max($0, part.items.count) }
        return part
    }

    // MARK: Passed on

    func run(of id: JobID, on hostname: String) async throws -> Run? { try await store.run(of: id, on: hostname) }

    func groups(of id: JobID, limit: Int, offset: Int) async throws -> Page<RunGroup>? {
        try await store.groups(of: id, limit: limit, offset: offset)
    }

    func webhook(of id: JobID) async throws -> NewJobWebhook? { try await store.webhook(of: id) }

    func frozenSets(of ids: Set<JobID>) async throws -> [JobID: [AgentID]] { try await store.frozenSets(of: ids) }

    func create(_ job: NewJob) async throws -> CreatedJob? { try await store.create(job) }
    func earlierSubmission(_ key: IdempotencyKey, now: Timestamp) async throws -> EarlierSubmission {
        try await store.earlierSubmission(key, now: now)
    }
    func job(_ id: JobID, expanding expansions: Set<JobExpansion>) async throws -> Job? {
        try await store.job(id, expanding: expansions)
    }
    func statusCounts() async throws -> [JobStatus: Int] { try await store.statusCounts() }
    func timeline(of id: JobID, limit: Int, offset: Int) async throws -> Page<TimelineEvent>? {
        try await store.timeline(of: id, limit: limit, offset: offset)
    }
    func agents() async throws -> [StoredAgent] { try await store.agents() }
    func record(_ updates: [AgentUpdate], now: Timestamp) async throws -> StoreChanges {
        try await store.record(updates, now: now)
    }
    func offers(
        for requests: [OfferRequest],
        limit: Int,
        now: Timestamp
    ) async throws -> [AgentID: [Delivery]] {
        try await store.offers(for: requests, limit: limit, now: now)
    }
    func endOverdue(lease: Duration, limit: Int, now: Timestamp) async throws -> OverdueResult {
        try await store.endOverdue(lease: lease, limit: limit, now: now)
    }
    func endSilent(_ agents: [AgentID], now: Timestamp) async throws -> SilenceResult {
        try await store.endSilent(agents, now: now)
    }
    func newestJobID() async throws -> JobID? { try await store.newestJobID() }
    func cancel(_ id: JobID, _ request: NewCancel, now: Timestamp) async throws -> CancelResult {
        try await store.cancel(id, request, now: now)
    }
    func delete(_ id: JobID, audit: AuditEntry?) async throws -> DeleteResult {
        try await store.delete(id, audit: audit)
    }
    func deleteHistory(_ retention: Retention, limit: Int, now: Timestamp) async throws -> Int {
        try await store.deleteHistory(retention, limit: limit, now: now)
    }
    func purge(limit: Int) async throws -> Bool { try await store.purge(limit: limit) }
    func setDrain(
        _ drain: AgentDrain?,
        of id: AgentID,
        audit: AuditEntry?,
        now: Timestamp
    ) async throws -> StoreChanges {
        try await store.setDrain(drain, of: id, audit: audit, now: now)
    }
    func unacknowledgedAny(limit: Int) async throws -> [UnacknowledgedAny] {
        try await store.unacknowledgedAny(limit: limit)
    }
    func reassign(
        _ id: JobID,
        from old: AgentID,
        to new: (id: AgentID, hostname: String),
        now: Timestamp
    ) async throws -> StoreChanges {
        try await store.reassign(id, from: old, to: new, now: now)
    }
    func adopt(_ anchor: ClockAnchor) async throws -> Duration { try await store.adopt(anchor) }
    func checkWritable() async throws { try await store.checkWritable() }
    func close() async throws { try await store.close() }
}
