// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Logging
import Store
import Testing

@Suite(.timeLimit(.minutes(10)))
struct AnyJobServiceTests {
    private static let start = DispatchFixture.start

    private func look(_ fixture: DispatchFixture, now: Timestamp = start) async throws {
        try await AnyJobService(
            jobs: fixture.service,
            patience: .zero,
            wallClock: { now },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ).pass()
    }

    /// A job for any one agent that went to `a`, and then `b` came.
    private func fixture(with others: [String] = ["b"]) async throws -> (DispatchFixture, Job) {
        let fixture = try await DispatchFixture(agents: ["a"] + others, connected: ["a"])
        let job = try await fixture.submit("_any")
        for other in others { _ = fixture.directory.setConnected(DispatchFixture.id(other), true) }
        return (fixture, job)
    }

    private func hosts(of job: Job, _ fixture: DispatchFixture) async throws -> [String] {
        try await fixture.runs(of: job).map(\.hostname)
    }

    @Test func `a run of an agent that is there stays with it`() async throws {
        let (fixture, job) = try await fixture()
        _ = try await fixture.offer(to: "a")

        try await look(fixture)

        #expect(try await hosts(of: job, fixture) == ["a"])
        #expect(fixture.directory.lastDelivery(of: DispatchFixture.id("b")) == 0)
    }

    @Test(arguments: [false, true])
    func `a run of an agent that went away goes to another one, whether it was offered or not`(
        isOffered: Bool
    ) async throws {
        let (fixture, job) = try await fixture()
        if isOffered { _ = try await fixture.offer(to: "a") }
        _ = fixture.directory.setConnected(DispatchFixture.id("a"), false)

        try await look(fixture)

        #expect(try await hosts(of: job, fixture) == ["b"])
        #expect(try await fixture.job(job.id).agentsTotal == 1)
        let line = try #require(try await fixture.timeline(of: job).last)
        #expect(line.event == .reassigned)
        #expect(line.message == "to b, since a did not acknowledge")
        let offered = try await fixture.offer(to: "b").compactMap(\.assignment)
        #expect(offered.map(\.jobID) == [job.id])
        #expect(offered.map(\.policy.awaitsGo) == [true])
        #expect(fixture.directory.lastDelivery(of: DispatchFixture.id("b")) == offered.first?.delivery)
    }

    @Test func `a run of an agent that was drained goes to another one`() async throws {
        let (fixture, job) = try await fixture()
        _ = try await fixture.service.drain(DispatchFixture.id("a"), by: .nobody, reason: nil, now: Self.start)

        try await look(fixture)

        #expect(try await hosts(of: job, fixture) == ["b"])
    }

    @Test func `it goes to nobody who is away or drained, or whom the target does not select`() async throws {
        let fixture = try await DispatchFixture(
            agents: ["a-1", "a-2", "a-3", "b-1"],
            connected: ["a-1", "a-3", "b-1"]
        )
        _ = try await fixture.service.drain(DispatchFixture.id("a-3"), by: .nobody, reason: nil, now: Self.start)
        let job = try await fixture.submit("a-* and _any")
        _ = fixture.directory.setConnected(DispatchFixture.id("a-1"), false)

        for _ in 0..<20 { try await look(fixture) }
        #expect(try await hosts(of: job, fixture) == ["a-1"], "it waits for whoever comes")

        _ = fixture.directory.setConnected(DispatchFixture.id("a-2"), true)
        try await look(fixture)
        #expect(try await hosts(of: job, fixture) == ["a-2"])
    }

    @Test func `once it was acknowledged it stays, and the go-ahead follows`() async throws {
        let (fixture, job) = try await fixture()
        _ = try await fixture.offer(to: "a")
        try await fixture.hold("a", upTo: 1)
        _ = fixture.directory.setConnected(DispatchFixture.id("a"), false)

        try await look(fixture)

        #expect(try await hosts(of: job, fixture) == ["a"])
        #expect(try await fixture.offer(to: "a", held: 1) == [.go(GoOrder(jobID: job.id, delivery: 2))])
    }

    @Test func `the first agent gets no go-ahead on its return, and what it tells counts for nothing`() async throws {
        let (fixture, job) = try await fixture()
        _ = try await fixture.offer(to: "a")
        _ = fixture.directory.setConnected(DispatchFixture.id("a"), false)
        try await look(fixture)
        let number = try #require(try await fixture.offer(to: "b").first?.number)
        try await fixture.hold("b", upTo: number)

        try await fixture.hold("a", upTo: 1)
        try await fixture.end(job, on: ["a"], as: .expired)

        #expect(try await fixture.offer(to: "a", held: 1) == [])
        #expect(try await fixture.runs(of: job).map(\.state) == [.acknowledged])
        try await fixture.end(job, on: ["b"], as: .completed)
        #expect(try await fixture.job(job.id).status == .completed)
    }

    @Test func `it can come back to the agent that had it first, which begins it once`() async throws {
        let (fixture, job) = try await fixture()
        _ = try await fixture.offer(to: "a")
        _ = fixture.directory.setConnected(DispatchFixture.id("a"), false)
        try await look(fixture)
        _ = fixture.directory.setConnected(DispatchFixture.id("b"), false)
        _ = fixture.directory.setConnected(DispatchFixture.id("a"), true)
        try await fixture.hold("a", upTo: 1)
        try await look(fixture)

        let offered = try await fixture.offer(to: "a", held: 1)

        #expect(offered.map(\.number) == [2])
        #expect(offered.map(\.assignment?.attempt) == [1], "the agent knows it by job and attempt")
        try await fixture.hold("a", upTo: 2)
        #expect(try await fixture.offer(to: "a", held: 2) == [.go(GoOrder(jobID: job.id, delivery: 3))])
        #expect(try await fixture.job(job.id).agentCounts[.acknowledged] == 1)
    }

    @Test func `a job that is cancelled or over its deadline goes nowhere`() async throws {
        let (fixture, cancelled) = try await fixture()
        let late = try await fixture.submit("a and _any", deadline: 5)
        for _ in [cancelled, late] { _ = try await fixture.offer(to: "a") }
        _ = try await fixture.service.cancel(cancelled.id, NewCancel(requestedBy: nil), by: .bob, now: Self.start)
        _ = fixture.directory.setConnected(DispatchFixture.id("a"), false)

        try await look(fixture, now: Self.start + .seconds(5))

        #expect(try await hosts(of: cancelled, fixture) == ["a"])
        #expect(try await hosts(of: late, fixture) == ["a"])
    }

    @Test func `jobs that were not for any one agent wait for theirs`() async throws {
        let fixture = try await DispatchFixture(agents: ["a", "b"], connected: ["b"])
        let job = try await fixture.submit("a")

        try await look(fixture)

        #expect(try await hosts(of: job, fixture) == ["a"])
    }
}
