// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Logging
import Store
import Testing

@Suite(.timeLimit(.minutes(10)))
struct JobServiceTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func service(agents: [String], limits: JobLimits = JobLimits()) async throws -> JobService {
        let store = try SQLiteStore.inMemory()
        _ = try await store.record(
            agents.map { .introduced(Self.introduction($0)) },
            now: Self.start
        )
        let directory = AgentDirectory(try await store.agents(), now: .now)
        return JobService(store: store, directory: directory, signal: DeliverySignal(), limits: limits)
    }

    private static func introduction(_ hostname: String) -> AgentIntroduction {
        AgentIntroduction(
            id: AgentID("id-\(hostname)"),
            hostname: hostname,
            labels: [:],
            facts: [:],
            version: "test"
        )
    }

    private func ping(_ target: String, deadline: Double? = nil, note: String? = nil) -> JobRequest {
        JobRequest(operation: OperationRequest(type: "ping"), target: target, deadline: deadline, note: note)
    }

    @Test func `a submission freezes the agents that the target selects`() async throws {
        let service = try await service(agents: ["web-1", "web-2", "db-1"])

        let job = try await service.accept(ping("web-*"), by: .ann, now: Self.start)

        let runs = try await service.store.runs(of: job.id, state: nil, includingData: false, limit: 10, offset: 0)
        #expect(runs?.items.map(\.hostname) == ["web-1", "web-2"])
        #expect(job.agentsTotal == 2)
        #expect(job.createdBy == "ann")
        #expect(job.deadlineAt == Self.start + .seconds(3600))
        #expect(service.directory.lastDelivery(of: AgentID("id-web-1")) == 1)
        #expect(service.directory.lastDelivery(of: AgentID("id-db-1")) == 0)
    }

    @Test(
        arguments: [
            (
                JobRequest(operation: OperationRequest(type: "nope"), target: "_all"),
                SubmissionError.Code.unknownOperation,
                "/operation/type"
            ),
            (
                JobRequest(operation: OperationRequest(type: "command.exec"), target: "_all"), .invalidParameters,
                "/operation/data"
            ),
            (JobRequest(operation: OperationRequest(type: "ping"), target: "env="), .invalidTarget, "/target"),
            (JobRequest(operation: OperationRequest(type: "ping"), target: "web-9"), .emptyTarget, "/target"),
            (JobRequest(operation: OperationRequest(type: "ping"), target: "_any"), .emptyTarget, "/target"),
            (
                JobRequest(operation: OperationRequest(type: "ping"), target: "_all", deadline: 0), .outOfRange,
                "/deadline"
            ),
            (
                JobRequest(operation: OperationRequest(type: "ping"), target: "_all", deadline: 604_801), .outOfRange,
                "/deadline"
            ),
            (
                JobRequest(
                    operation: OperationRequest(type: "ping"),
                    target: "_all",
                    note: String(repeating: "x", count: 1025)
                ),
                .outOfRange, "/note"
            ),
        ] as [(JobRequest, SubmissionError.Code, String)]
    )
    func `what is wrong is refused with its place, and nothing is stored`(
        request: JobRequest,
        code: SubmissionError.Code,
        pointer: String
    ) async throws {
        let service = try await service(agents: ["web-1"])

        let error = await #expect(throws: SubmissionError.self) {
            try await service.submit(request, by: .nobody, now: Self.start)
        }

        #expect(error?.code == code)
        #expect(error?.faults.first?.pointer.hasPrefix(pointer) == true)
        #expect(try await service.store.jobs(status: nil, limit: 10, offset: 0).total == 0)
    }

    @Test func `times of creation follow the ids, unless the clock was set back`() async throws {
        let service = try await service(agents: ["web-1"])
        let request = JobRequest(operation: OperationRequest(type: "ping"), target: "_all")
        func submit(_ milliseconds: Int64) async throws -> Job {
            let now = Timestamp(milliseconds: Self.start.milliseconds + milliseconds)
            return try await service.submit(request, by: .nobody, now: now).job
        }

        let first = try await submit(500)
        let overtaken = try await submit(499)
        let setBack = try await submit(-3_600_000)

        #expect(overtaken.id > first.id && overtaken.createdAt == first.createdAt)
        #expect(setBack.id > overtaken.id && setBack.createdAt == Self.start + .seconds(-3600))
        #expect(setBack.deadlineAt > setBack.createdAt)
    }

    @Test func `a run that was never offered expires at the deadline, and its job ends`() async throws {
        let service = try await service(agents: ["web-1"])
        let job = try await service.accept(ping("_all", deadline: 10), by: .nobody, now: Self.start)
        let deadlines = DeadlineService(
            store: service.store,
            directory: service.directory,
            lease: .seconds(60),
            wallClock: { Self.start + .seconds(10) },
            logger: Logger(label: "test")
        )

        try await deadlines.pass()

        let ended = try await service.store.job(job.id)
        #expect(ended?.status == .failed)
        #expect(ended?.agentCounts[.expired] == 1)
    }

    @Test func `a run that may have been delivered is not given up before the lease is over`() async throws {
        let service = try await service(agents: ["web-1"])
        let job = try await service.accept(ping("_all", deadline: 10), by: .nobody, now: Self.start)
        _ = try await service.store.offers(
            for: [OfferRequest(agentID: AgentID("id-web-1"), held: 0)],
            limit: 10,
            now: Self.start
        )
        func pass(after duration: Duration) async throws -> Job? {
            try await DeadlineService(
                store: service.store,
                directory: service.directory,
                lease: .seconds(60),
                wallClock: { Self.start + duration },
                logger: Logger(label: "test")
            ).pass()
            return try await service.store.job(job.id)
        }

        #expect(try await pass(after: .seconds(69))?.status.isTerminal == false)
        #expect(try await pass(after: .seconds(70))?.agentCounts[.lost] == 1)
    }

    @Test func `the same key with the same submission gives the same job, whatever the target selects by then`()
        async throws
    {
        let service = try await service(agents: ["web-1"])
        let first = try await service.submit(ping("_all"), by: .ann, idempotencyKey: "k", now: Self.start)
        service.directory.introduced(Self.introduction("web-2"), at: Self.start, now: .now)

        let second = try await service.submit(
            ping("_all"),
            by: .ann,
            idempotencyKey: "k",
            now: Self.start + .seconds(86_399)
        )

        #expect(!first.isRepetition && second.isRepetition)
        #expect(second.job.id == first.job.id)
        #expect(try await service.store.jobs(status: nil, limit: 10, offset: 0).total == 1)
    }

    @Test func `the same key with another submission is refused, and of another owner it is another key`() async throws
    {
        let service = try await service(agents: ["web-1"])
        let first = try await service.submit(ping("_all"), by: .ann, idempotencyKey: "k", now: Self.start)

        let error = await #expect(throws: SubmissionError.self) {
            try await service.submit(
                ping("_all", note: "other"),
                by: .ann,
                idempotencyKey: "k",
                now: Self.start
            )
        }
        let others = try await service.submit(
            ping("_all", note: "other"),
            by: .bob,
            idempotencyKey: "k",
            now: Self.start
        )

        #expect(error?.code == .idempotencyKeyReused)
        #expect(others.job.id != first.job.id)
    }

    @Test func `a key is forgotten after a day`() async throws {
        let service = try await service(agents: ["web-1"])
        let first = try await service.submit(ping("_all"), by: .ann, idempotencyKey: "k", now: Self.start)

        let later = try await service.submit(
            ping("_all", note: "other"),
            by: .ann,
            idempotencyKey: "k",
            now: Self.start + .seconds(86_400)
        )

        #expect(later.job.id != first.job.id)
    }

    @Test func `of many submissions with one key at a time exactly one makes a job`() async throws {
        let service = try await service(agents: ["web-1"])

        let ids = try await withThrowingTaskGroup(of: JobID?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        return try await service.submit(
                            self.ping("_all"),
                            by: .ann,
                            idempotencyKey: "k",
                            now: Self.start
                        ).job.id
                    } catch let error as SubmissionError where error.code == .idempotencyKeyInUse {
                        return nil
                    }
                }
            }
            var ids = Set<JobID>()
            for try await id in group { if let id { ids.insert(id) } }
            return ids
        }

        #expect(ids.count == 1)
        #expect(try await service.store.jobs(status: nil, limit: 10, offset: 0).total == 1)
    }
}

extension JobService {
    /// The job of a submission without a key.
    fileprivate func accept(_ request: JobRequest, by requester: Requester, now: Timestamp) async throws -> Job {
        try await submit(request, by: requester, now: now).job
    }
}
