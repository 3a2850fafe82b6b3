// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Logging
import NNG
import Store
import Testing
import Wire

@testable import Fleet

/// Deliveries that are no runs, and agents that get no runs.
@Suite(.timeLimit(.minutes(10)))
struct OrderTests {
    @Test func `an order to cancel reaches a parked poll, and the next one says that it arrived`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let job = try await fixture.submit()
            #expect(try await agent.poll(1).assignments.map(\.jobID) == [job.id])
            async let parked = agent.poll(2, held: 1)
            _ = try await fixture.job(job.id) { $0.agentCounts[.acknowledged] == 1 }

            let request = NewCancel(grace: .seconds(2), requestedBy: "ann")
            _ = try await fixture.jobs.cancel(job.id, request, by: .nobody, now: FleetFixture.now())

            let order = CancelOrder(jobID: job.id, delivery: 2, grace: .seconds(2), requestedBy: "ann")
            #expect(try await parked.deliveries == [.cancel(order)])
            async let next = agent.poll(3, held: 2)
            let outcome = RunOutcome(state: .cancelled)
            #expect(try await agent.report(.ended(outcome), of: job.id) == .receipt([1]))
            #expect(try await fixture.job(job.id) { $0.status.isTerminal }.status == .cancelled)
            try await expectEvents(of: job, in: fixture, toHold: .cancelDelivered)
            agent.socket.close()
            _ = try? await next
        }
    }

    /// Waits until the timeline of a job has an event.
    private func expectEvents(of job: Job, in fixture: FleetFixture, toHold event: TimelineEvent.Kind) async throws {
        while true {
            let page = try await fixture.store.timeline(of: job.id, limit: 100, offset: 0)
            if page?.items.contains(where: { $0.event == event && $0.hostname == "web-1" }) == true { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func `an order that was not held is delivered again`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let job = try await fixture.submit()
            _ = try await agent.poll(1)
            async let parked = agent.poll(2, held: 1)
            _ = try await fixture.job(job.id) { $0.agentCounts[.acknowledged] == 1 }
            _ = try await fixture.jobs.cancel(job.id, NewCancel(requestedBy: nil), by: .nobody, now: FleetFixture.now())
            let first = try await parked.deliveries

            let second = try await agent.poll(3, held: 1).deliveries

            #expect(first.map(\.number) == [2])
            #expect(second == first)
        }
    }

    @Test func `the go-ahead follows the acknowledgement, and only that`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let job = try await fixture.submit(target: "_any")

            let work = try await agent.poll(1).deliveries
            #expect(work.map(\.assignment?.jobID) == [job.id])
            #expect(work.map(\.assignment?.policy.awaitsGo) == [true])
            let again = try await agent.poll(2).deliveries
            #expect(again.map(\.assignment?.jobID) == [job.id], "not held, and so no go-ahead")

            let go = try await agent.poll(3, held: 1).deliveries
            #expect(go == [.go(GoOrder(jobID: job.id, delivery: 2))])
            #expect(try await fixture.job(job.id) { _ in true }.agentCounts[.acknowledged] == 1)
        }
    }

    @Test func `a run for any one agent whose agent is gone reaches the parked poll of another`() async throws {
        try await FleetFixture.with { fixture in
            let first = try fixture.connect()
            try await first.hello("web-1")
            let job = try await fixture.submit(target: "_any")
            #expect(try await first.poll(1).assignments.map(\.jobID) == [job.id])
            let second = try fixture.connect()
            try await second.hello("web-2")
            async let parked = second.poll(1)
            first.socket.close()
            while fixture.directory.counts.connected > 1 { try await Task.sleep(for: .milliseconds(5)) }

            let any = AnyJobService(
                jobs: fixture.jobs,
                patience: .zero,
                wallClock: FleetFixture.now,
                logger: Logger(label: "test")
            )
            try await any.pass()

            #expect(try await parked.assignments.map(\.jobID) == [job.id])
            let go = try await second.poll(2, held: 1).deliveries
            #expect(go == [.go(GoOrder(jobID: job.id, delivery: 2))])
        }
    }

    @Test func `a drained agent gets orders and no runs, until it is resumed`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let held = try await fixture.submit()
            _ = try await agent.poll(1)
            async let parked = agent.poll(2, held: 1)
            _ = try await fixture.job(held.id) { $0.agentCounts[.acknowledged] == 1 }
            let id = try #require(fixture.directory.agent(named: "web-1")?.id)
            _ = try await fixture.jobs.drain(id, by: .nobody, reason: nil, now: FleetFixture.now())
            let kept = try await fixture.submit()

            _ = try await fixture.jobs.cancel(
                held.id,
                NewCancel(requestedBy: nil),
                by: .nobody,
                now: FleetFixture.now()
            )
            let order = try await parked.deliveries
            let number = try #require(order.last?.number)
            #expect(order == [.cancel(CancelOrder(jobID: held.id, delivery: number, grace: nil, requestedBy: nil))])

            async let next = agent.poll(3, held: number)
            try await expectEvents(of: held, in: fixture, toHold: .cancelDelivered)
            #expect(try await fixture.store.job(kept.id)?.status == .submitted)
            _ = try await fixture.jobs.resume(id, by: .nobody, now: FleetFixture.now())
            #expect(try await next.assignments.map(\.jobID) == [kept.id])
        }
    }
}
