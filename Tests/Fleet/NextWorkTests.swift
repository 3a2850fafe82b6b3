// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Synchronization
import Testing

@testable import Fleet
@testable import JobDispatch

struct NextWorkTests {
    private let noon = Timestamp(milliseconds: 1_795_248_000_000)
    private let agent = AgentID("a")

    private func offer(
        _ number: UInt64,
        to agent: AgentID = AgentID("a"),
        at noon: Timestamp = Timestamp(milliseconds: 1_795_248_000_000),
        deadline: Duration = .seconds(60)
    ) -> OfferedJob {
        let request = JobRequest(operation: OperationRequest(type: "ping"), target: "a")
        let new = NewJob(
            id: JobID(high: number, low: 0),
            request: request,
            agents: [(id: AgentID("a"), hostname: "a")],
            offerNow: [agent],
            createdAt: noon,
            deadlineAt: noon + deadline,
            hardEndAt: noon + deadline,
            createdBy: nil,
            isExclusive: true
        )
        let job = Job(
            id: new.id,
            request: request,
            createdAt: noon,
            deadlineAt: noon + deadline,
            progress: JobStateMachine(frozenSetSize: 1),
            createdBy: nil
        )
        return OfferedJob(new, CreatedJob(job: job, deliveries: [agent: number], offered: [agent: number]))
    }

    @Test(
        arguments: [
            ([5, 6, 7], 4, [5, 6, 7]), ([7, 5, 6], 4, [5, 6, 7]), ([5, 7], 4, [5]), ([6, 7], 4, []), ([5, 6], 5, [6]),
            ([5], 5, []), ([], 0, []),
        ] as [([UInt64], UInt64, [UInt64])]
    )
    func `what is sent has no gap`(offered: [UInt64], held: UInt64, sent: [UInt64]) {
        let work = NextWork(offered.map { offer($0) })

        #expect(work.deliveries(to: agent, after: held, now: noon).map(\.number) == sent)
        #expect(work.deliveries(to: AgentID("b"), after: held, now: noon).isEmpty)
    }

    @Test func `nothing is sent from a deadline on that has passed`() {
        let work = NextWork([offer(1), offer(2, deadline: .seconds(5)), offer(3)])

        #expect(work.deliveries(to: agent, after: 0, now: noon + .seconds(5)).map(\.number) == [1])
    }

    @Test func `what is sent says how it is to be executed, and until when it may begin`() {
        let sent = NextWork([offer(1)]).deliveries(to: agent, after: 0, now: noon + .seconds(20))

        #expect(sent.first?.assignment?.policy.isExclusive == true)
        #expect(sent.first?.assignment?.startWithin == .seconds(40))
    }

    @Test(.timeLimit(.minutes(10)))
    func `an offer that needs a store which cannot be read sends the agent away and does not end the fleet`()
        async throws
    {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            async let parked = agent.poll(1)
            while fixture.fleet.table.withLock({ $0.parkedCount }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let id = AgentID("agent-1")
            try await fixture.store.close()
            fixture.directory.delivering([id: 1])

            // Not of the frozen set that comes with the offer, so the store is asked for the one of now.
            try await fixture.fleet.wake([id], [offer(1, to: id, at: FleetFixture.now())])

            let answer = try await parked
            #expect(answer == fixture.fleet.unavailable)
        }
    }
}
