// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Store
import Testing

@Suite(.timeLimit(.minutes(10)))
struct JobControlTests {
    private static let start = DispatchFixture.start

    private func refusal(_ body: () async throws -> Void) async throws -> SubmissionError.Code? {
        do {
            try await body()
            return nil
        } catch let error as SubmissionError {
            return error.code
        }
    }

    // MARK: Cancelling

    @Test func `a cancel ends what no agent has seen and tells the fleet of orders for the rest`() async throws {
        let fixture = try await DispatchFixture(agents: ["a", "b", "c"])
        let job = try await fixture.submit("_all")
        _ = try await fixture.offer(to: "a")
        _ = try await fixture.offer(to: "b")
        try await fixture.hold("b", upTo: 1)

        let request = NewCancel(grace: .seconds(3), requestedBy: "bob", reason: "stop")
        let record = try await fixture.service.cancel(job.id, request, by: .bob, now: Self.start)

        #expect(record.cancel == CancelRequest(requestedAt: Self.start, requestedBy: "bob", reason: "stop"))
        #expect(try await fixture.runs(of: job).map(\.state) == [.pending, .acknowledged, .cancelled])
        #expect(["a", "b", "c"].map { fixture.directory.lastDelivery(of: DispatchFixture.id($0)) } == [2, 2, 1])
        let order = CancelOrder(jobID: job.id, delivery: 2, grace: .seconds(3), requestedBy: "bob")
        #expect(try await fixture.offer(to: "b", held: 1) == [.cancel(order)])
    }

    @Test func `an agent that was offered a run and says that it does not hold it never gets it`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let job = try await fixture.submit("_all")
        _ = try await fixture.offer(to: "a")
        _ = try await fixture.service.cancel(job.id, NewCancel(requestedBy: nil), by: .bob, now: Self.start)
        #expect(try await fixture.job(job.id).status == .submitted, "it may hold the run")

        try await fixture.hold("a", upTo: 0)

        #expect(try await fixture.job(job.id).status == .cancelled)
        #expect(try await fixture.offer(to: "a") == [])
    }

    @Test func `an order on the agent's disk is told, and the end of the run is its own`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let job = try await fixture.submit("_all")
        _ = try await fixture.offer(to: "a")
        try await fixture.hold("a", upTo: 1)
        try await fixture.report(.started, of: job, by: "a")
        _ = try await fixture.service.cancel(job.id, NewCancel(requestedBy: "bob"), by: .bob, now: Self.start)

        _ = try await fixture.offer(to: "a", held: 1)
        try await fixture.hold("a", upTo: 2)
        #expect(try await fixture.job(job.id).status == .processing)
        try await fixture.end(job, on: ["a"], as: .cancelled)

        #expect(try await fixture.job(job.id).status == .cancelled)
        let timeline = try await fixture.timeline(of: job)
        #expect(
            timeline.map(\.event) == [
                .submitted, .acknowledged, .started, .cancelRequested, .cancelDelivered, .cancelled,
            ]
        )
        #expect(timeline.map(\.hostname) == [nil, "a", "a", nil, "a", "a"])
        #expect(timeline[3].message == "by bob")
    }

    @Test func `what ended well before its agent heard of the cancel stays well`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let job = try await fixture.submit("_all")
        _ = try await fixture.offer(to: "a")
        try await fixture.hold("a", upTo: 1)
        _ = try await fixture.service.cancel(job.id, NewCancel(requestedBy: nil), by: .bob, now: Self.start)

        try await fixture.end(job, on: ["a"], as: .completed)

        #expect(try await fixture.job(job.id).status == .completed)
        let code = try await refusal {
            _ = try await fixture.service.cancel(job.id, NewCancel(requestedBy: nil), by: .bob, now: Self.start)
        }
        #expect(code == .jobFinished)
    }

    @Test func `a run that its agent may hold is not called cancelled after a drain and a resume either`() async throws
    {
        let fixture = try await DispatchFixture(agents: ["a"])
        let job = try await fixture.submit("_all")
        #expect(try await fixture.offer(to: "a").count == 1)
        _ = try await fixture.service.drain(DispatchFixture.id("a"), by: .nobody, reason: nil, now: Self.start)
        _ = try await fixture.service.resume(DispatchFixture.id("a"), by: .bob, now: Self.start)

        _ = try await fixture.service.cancel(job.id, NewCancel(requestedBy: nil), by: .bob, now: Self.start)

        #expect(try await fixture.job(job.id).status == .submitted, "the agent may execute it at this moment")
        try await fixture.end(job, on: ["a"], as: .completed)
        #expect(try await fixture.job(job.id).status == .completed)
    }

    @Test func `a run that its agent may hold does not expire as unseen after a drain and a resume`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let job = try await fixture.submit("_all", deadline: 10)
        #expect(try await fixture.offer(to: "a").count == 1)
        _ = try await fixture.service.drain(DispatchFixture.id("a"), by: .nobody, reason: nil, now: Self.start)
        _ = try await fixture.service.resume(DispatchFixture.id("a"), by: .bob, now: Self.start)

        let now = Self.start + .seconds(11)
        _ = try await fixture.store.endOverdue(lease: .seconds(60), limit: 10, now: now)

        #expect(try await fixture.job(job.id).agentCounts[.expired] == 0)
    }

    // MARK: Retrying

    @Test func `a host that has another agent by now takes part with that one, one that is gone does not`() async throws
    {
        let fixture = try await DispatchFixture(agents: ["a", "b", "c"])
        let job = try await fixture.submit("_all")
        try await fixture.end(job, on: ["a", "b", "c"], as: .failed)
        let anew = DispatchFixture.introduction("a", id: AgentID("new-a"))
        let renamed = DispatchFixture.introduction("d", id: DispatchFixture.id("b"))
        for introduction in [anew, renamed] {
            _ = try await fixture.store.record([.introduced(introduction)], now: Self.start)
            fixture.directory.introduced(introduction, at: Self.start, now: .now)
        }

        let retry = try await fixture.service.retry(job.id, only: .failed, by: .bob, now: Self.start).job

        let runs = try await fixture.runs(of: retry)
        #expect(runs.map(\.agentID.text) == ["new-a", "id-c", "id-b"])
        #expect(runs.map(\.hostname) == ["a", "c", "d"])
        #expect(retry.retryOf == job.id)
        #expect(retry.createdBy == "bob")
    }

    @Test func `a host whose agent took the place of another of the job takes part once`() async throws {
        let fixture = try await DispatchFixture(agents: ["a", "b"])
        let job = try await fixture.submit("_all")
        try await fixture.end(job, on: ["a", "b"], as: .failed)
        let taken = DispatchFixture.introduction("a", id: DispatchFixture.id("b"))
        _ = try await fixture.store.record([.introduced(taken)], now: Self.start)
        fixture.directory.introduced(taken, at: Self.start, now: .now)

        let retry = try await fixture.service.retry(job.id, only: .all, by: .nobody, now: Self.start).job

        #expect(try await fixture.runs(of: retry).map(\.agentID) == [DispatchFixture.id("b")])
    }

    @Test func `a retry of a job for any one agent stays with its host`() async throws {
        let fixture = try await DispatchFixture(agents: ["a", "b"], connected: ["a"])
        let job = try await fixture.submit("_any")
        try await fixture.end(job, on: ["a"], as: .failed)
        _ = fixture.directory.setConnected(DispatchFixture.id("b"), true)

        let retry = try await fixture.service.retry(job.id, only: .failed, by: .nobody, now: Self.start).job

        #expect(try await fixture.runs(of: retry).map(\.hostname) == ["a"])
        let policy = try await fixture.offer(to: "a").last?.assignment?.policy
        #expect(policy?.awaitsGo == false)
    }

    @Test func `where no host of a job is known any more there is nothing to retry`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let job = try await fixture.submit("_all")
        try await fixture.end(job, on: ["a"], as: .failed)
        let empty = JobService(
            store: fixture.store,
            directory: AgentDirectory([], now: .now),
            signal: DeliverySignal(),
            limits: JobLimits()
        )

        let error = await #expect(throws: SubmissionError.self) {
            try await empty.retry(job.id, only: .failed, by: .nobody, now: Self.start)
        }

        #expect(error?.code == .nothingToRetry)
        #expect(error?.message == "none of the job's hosts is known any more")
    }

    @Test func `a key brings the retry again, also after the retried job was deleted`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let job = try await fixture.submit("_all")
        try await fixture.end(job, on: ["a"], as: .failed)
        func retry(_ only: RetrySelection) async throws -> JobService.Submission {
            try await fixture.service.retry(
                job.id,
                only: only,
                by: .bob,
                idempotencyKey: "k",
                now: Self.start
            )
        }

        let first = try await retry(.failed)
        try await fixture.service.delete(job.id, by: .bob, now: Self.start)
        let second = try await retry(.failed)

        #expect(!first.isRepetition && second.isRepetition)
        #expect(second.job.id == first.job.id)
        #expect(try await refusal { _ = try await retry(.all) } == .idempotencyKeyReused)
    }

    @Test func `of many retries with one key at a time exactly one makes a job`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        let job = try await fixture.submit("_all")
        try await fixture.end(job, on: ["a"], as: .failed)

        let ids = try await withThrowingTaskGroup(of: JobID?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    do {
                        return try await fixture.service.retry(
                            job.id,
                            only: .failed,
                            by: .bob,
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
        #expect(try await fixture.store.jobs(status: nil, limit: 1, offset: 0).total == 2)
        #expect(try await fixture.timeline(of: job).count { $0.event == .retried } == 1)
    }

    // MARK: Deleting

    @Test func `a job is deleted when it has ended, and an agent that tells of it later changes nothing`() async throws
    {
        let fixture = try await DispatchFixture(agents: ["a"])
        let job = try await fixture.submit("_all")
        #expect(
            try await refusal { try await fixture.service.delete(job.id, by: .bob, now: Self.start) } == .jobNotFinished
        )
        try await fixture.end(job, on: ["a"], as: .lost)

        try await fixture.service.delete(job.id, by: .bob, now: Self.start)
        try await fixture.end(job, on: ["a"], as: .completed)

        #expect(try await fixture.store.job(job.id) == nil)
        #expect(try await fixture.store.statusCounts().values.reduce(0, +) == 0)
        #expect(try await refusal { try await fixture.service.delete(job.id, by: .bob, now: Self.start) } == .notFound)
    }

    // MARK: Draining

    @Test func `a drain counts from its first day, is in the directory, and keeps runs back but not orders`()
        async throws
    {
        let fixture = try await DispatchFixture(agents: ["a"])
        let held = try await fixture.submit("_all")
        _ = try await fixture.offer(to: "a")
        try await fixture.hold("a", upTo: 1)
        let later = Self.start + .seconds(60)

        _ = try await fixture.service.drain(DispatchFixture.id("a"), by: .ann, reason: "disk", now: Self.start)
        let again = try await fixture.service.drain(DispatchFixture.id("a"), by: .bob, reason: "fan", now: later)
        let waiting = try await fixture.submit("_all")
        _ = try await fixture.service.cancel(held.id, NewCancel(requestedBy: nil), by: .bob, now: later)

        #expect(again.drain == AgentDrain(since: Self.start, by: "bob", reason: "fan"))
        #expect(fixture.directory.agent(named: "a")?.drain == again.drain)
        let offered = try await fixture.offer(to: "a", held: 1)
        guard case .cancel(let order)? = offered.first, offered.count == 1 else {
            Issue.record("not the order alone: \(offered)")
            return
        }
        #expect(order.jobID == held.id)
        try await fixture.hold("a", upTo: order.delivery)
        #expect(try await fixture.offer(to: "a", held: order.delivery) == [])
        #expect(try await fixture.job(waiting.id).status == .submitted)

        let known = fixture.directory.lastDelivery(of: DispatchFixture.id("a"))
        let resumed = try await fixture.service.resume(DispatchFixture.id("a"), by: .bob, now: later)
        #expect(resumed.drain == nil)
        #expect(fixture.directory.lastDelivery(of: DispatchFixture.id("a")) > known, "the fleet looks again")
        let delivered = try await fixture.offer(to: "a", held: order.delivery)
        #expect(delivered.map(\.assignment?.jobID) == [waiting.id])
    }

    @Test func `an introduction does not end a drain`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])
        _ = try await fixture.service.drain(DispatchFixture.id("a"), by: .nobody, reason: nil, now: Self.start)

        let introduction = DispatchFixture.introduction("a")
        _ = try await fixture.store.record([.introduced(introduction)], now: Self.start)
        fixture.directory.introduced(introduction, at: Self.start, now: .now)

        #expect(fixture.directory.agent(named: "a")?.drain != nil)
        #expect(try await fixture.store.agents().first?.agent.drain != nil)
    }

    @Test func `an agent that is not known cannot be drained`() async throws {
        let fixture = try await DispatchFixture(agents: ["a"])

        let drain = try await refusal {
            _ = try await fixture.service.drain(AgentID("x"), by: .nobody, reason: nil, now: Self.start)
        }
        let resume = try await refusal { _ = try await fixture.service.resume(AgentID("x"), by: .bob, now: Self.start) }

        #expect(drain == .notFound)
        #expect(resume == .notFound)
    }
}
