// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Store
import Testing

/// A job service over a real store, and agents that do what a test has them do.
struct DispatchFixture: Sendable {
    static let start = Timestamp(milliseconds: 1_790_000_000_000)

    let store: any JobStore
    let directory: AgentDirectory
    let service: JobService

    /// Makes a service whose store knows agents of these hostnames.
    init(agents: [String], connected: [String] = [], limits: JobLimits = JobLimits()) async throws {
        store = try SQLiteStore.inMemory()
        let introductions = agents.map { AgentUpdate.introduced(Self.introduction($0)) }
        _ = try await store.record(introductions, now: Self.start)
        directory = AgentDirectory(try await store.agents(), now: .now)
        for hostname in connected { _ = directory.setConnected(Self.id(hostname), true) }
        service = JobService(store: store, directory: directory, signal: DeliverySignal(), limits: limits)
    }

    static func id(_ hostname: String) -> AgentID { AgentID("id-\(hostname)") }

    static func introduction(_ hostname: String, id: AgentID? = nil) -> AgentIntroduction {
        AgentIntroduction(id: id ?? Self.id(hostname), hostname: hostname, labels: [:], facts: [:], version: "test")
    }

    /// Submits a job.
    func submit(
        _ target: String,
        type: String = "ping",
        deadline: Double? = nil,
        now: Timestamp = start
    ) async throws -> Job {
        let data: JSONValue = type == "ping" ? [:] : ["argv": ["true"]]
        let request = JobRequest(
            operation: OperationRequest(type: type, data: data),
            target: target,
            deadline: deadline
        )
        return try await service.submit(request, by: .ann, now: now).job
    }

    /// What is offered to an agent that holds everything up to `held`.
    func offer(to hostname: String, held: UInt64 = 0, now: Timestamp = start) async throws -> [Delivery] {
        let request = OfferRequest(agentID: Self.id(hostname), held: held)
        return try await store.offers(for: [request], limit: 100, now: now)[request.agentID] ?? []
    }

    /// Has an agent say what it holds.
    func hold(_ hostname: String, upTo held: UInt64) async throws {
        let changes = try await store.record([.holds(Self.id(hostname), upTo: held)], now: Self.start)
        directory.delivering(changes.deliveries)
    }

    /// Has an agent tell what became of its run of a job.
    func report(_ event: RunReport.Event, of job: Job, by hostname: String, now: Timestamp = start) async throws {
        let report = RunReport(sequence: 1, jobID: job.id, attempt: 1, event: event)
        _ = try await store.record([.reported(Self.id(hostname), report)], now: now)
    }

    /// Has the run of a job end on some hosts.
    func end(_ job: Job, on hostnames: [String], as state: RunState, now: Timestamp = start) async throws {
        for hostname in hostnames {
            try await report(.ended(RunOutcome(state: state)), of: job, by: hostname, now: now)
        }
    }

    /// The record of a job that is there.
    func job(_ id: JobID) async throws -> Job { try #require(try await store.job(id)) }

    /// The runs of a job by hostname.
    func runs(of job: Job) async throws -> [Run] {
        let page = try await store.runs(of: job.id, state: nil, includingData: false, limit: 100, offset: 0)
        return try #require(page).items
    }

    /// The events of a job, in order.
    func timeline(of job: Job) async throws -> [TimelineEvent] {
        try #require(try await store.timeline(of: job.id, limit: 100, offset: 0)).items
    }
}
