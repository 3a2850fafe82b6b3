// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store

/// A store that can do nothing, for one reason.
struct FailingStore: JobStore {
    let error: any Error
    let storeID = "failing"

    func create(_ job: NewJob) async throws -> CreatedJob { throw error }
    func earlierSubmission(_ key: IdempotencyKey, now: Timestamp) async throws -> EarlierSubmission { throw error }
    func job(_ id: JobID) async throws -> Job? { throw error }
    func jobs(status: JobStatus?, limit: Int, offset: Int) async throws -> Page<Job> { throw error }
    func statusCounts() async throws -> [JobStatus: Int] { throw error }
    func timeline(of id: JobID, limit: Int, offset: Int) async throws -> Page<TimelineEvent>? { throw error }
    func runs(
        of id: JobID,
        state: RunState?,
        includingData: Bool,
        limit: Int,
        offset: Int
    ) async throws -> Page<Run>? { throw error }
    func agents() async throws -> [StoredAgent] { throw error }
    func record(_ updates: [AgentUpdate], now: Timestamp) async throws -> [JobID: JobStateMachine] { throw error }
    func offers(
        for requests: [OfferRequest],
        limit: Int,
        now: Timestamp
    ) async throws -> [AgentID: [Assignment]] { throw error }
    func endOverdue(lease: Duration, limit: Int, now: Timestamp) async throws -> OverdueResult { throw error }
    func endSilent(_ agents: [AgentID], now: Timestamp) async throws -> [JobID: JobStateMachine] { throw error }
    func checkWritable() async throws { throw error }
    func close() async throws {}
}
