// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import NNG
import Store
import Testing
import Wire

@testable import Fleet

@Suite(.timeLimit(.minutes(10)))
struct FleetServiceTests {
    @Test func `a job goes round: parked poll, work, acknowledgement, reports, record`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            async let parked = agent.poll(1)
            #expect(fixture.directory.agent(named: "web-1")?.labels == ["env": "test"])

            let job = try await fixture.submit()
            let work = try await parked.assignments
            #expect(work.map(\.jobID) == [job.id])
            #expect(work.map(\.delivery) == [1])
            let still = try await fixture.store.job(job.id)
            #expect(still?.status == .submitted, "nothing is acknowledged that the agent has not said it holds")

            async let second = agent.poll(2, held: 1)
            _ = try await fixture.job(job.id) { $0.agentCounts[.acknowledged] == 1 }
            #expect(try await agent.report(.started, of: job.id, sequence: 7) == .receipt([7]))
            let outcome = RunOutcome(state: .completed, changed: true, data: ["pong": true])
            #expect(try await agent.report(.ended(outcome), of: job.id, sequence: 8) == .receipt([8]))

            let record = try #require(try await fixture.store.job(job.id))
            #expect(record.status == .completed)
            #expect(record.changed == true)
            let timeline = try await fixture.store.timeline(of: job.id, limit: 10, offset: 0)
            #expect(timeline?.items.map(\.event) == [.submitted, .acknowledged, .started, .completed])
            agent.socket.close()
            _ = try? await second
        }
    }

    @Test func `what is committed for a parked poll is sent without being looked up in the store`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            async let first = agent.poll(1)
            let one = try await fixture.submit()
            _ = try await first
            async let second = agent.poll(2, held: 1)
            _ = try await fixture.job(one.id) { $0.agentCounts[.acknowledged] == 1 }
            let before = fixture.store.version

            let two = try await fixture.submit()
            let work = try await second.assignments

            #expect(work.map(\.jobID) == [two.id] && work.map(\.delivery) == [2])
            #expect(fixture.store.version == before + 1)
        }
    }

    @Test func `a poll without a hello is asked for one`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()

            #expect(try await agent.poll(1) == .introduce)
        }
    }

    @Test func `a parked poll is answered within the heartbeat interval`() async throws {
        try await FleetFixture.with(heartbeat: .milliseconds(200)) { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")

            let work = try #require(try await agent.poll(1).work)
            #expect(work.storeID == agent.storeID && work.deliveries.isEmpty)
            #expect(work.parked >= .milliseconds(200))
        }
    }

    @Test func `work that is not held is delivered again, and what is held is not`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let first = try await fixture.submit()
            let second = try await fixture.submit()

            #expect(try await agent.poll(1).assignments.map(\.jobID) == [first.id, second.id])
            #expect(try await agent.poll(2).assignments.map(\.jobID) == [first.id, second.id])
            #expect(try await agent.poll(3, held: 1).assignments.map(\.jobID) == [second.id])
            #expect(try await fixture.store.job(first.id)?.agentCounts[.acknowledged] == 1)
            #expect(try await fixture.store.job(second.id)?.agentCounts[.pending] == 1)
        }
    }

    @Test func `reports that a poll carries are stored before its answer confirms them`() async throws {
        try await FleetFixture.with(heartbeat: .milliseconds(200)) { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let job = try await fixture.submit()
            _ = try await agent.poll(1)
            let reports: [RunReport] = [
                RunReport(sequence: 4, jobID: job.id, attempt: 1, event: .started),
                RunReport(sequence: 5, jobID: job.id, attempt: 1, event: .ended(RunOutcome(state: .completed))),
            ]

            let work = try #require(try await agent.poll(2, held: 1, reports: reports).work)

            #expect(work.confirmed == [4, 5])
            #expect(try await fixture.store.job(job.id)?.agentCounts[.completed] == 1)
            let again = try #require(try await agent.poll(3, held: 1, reports: reports).work)
            #expect(again.confirmed == [4, 5], "what is told twice is confirmed twice")
            #expect(try await agent.poll(4, held: 1).work?.confirmed == [])
        }
    }

    @Test func `an agent that holds deliveries of a lost time line gets the new ones`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let first = try await fixture.submit()

            let work = try await agent.poll(1, held: 500).assignments

            #expect(work.map(\.jobID) == [first.id])
            #expect(work.map(\.delivery) == [501])
            async let parked = agent.poll(2, held: 501)
            _ = try await fixture.job(first.id) { $0.agentCounts[.acknowledged] == 1 }
            let second = try await fixture.submit()
            #expect(try await parked.assignments.map(\.jobID) == [second.id])
        }
    }

    @Test(arguments: [[0xFF, 0xFF, 0xFF, 0xFF], [], [8, 2]] as [[UInt8]])
    func `a message that cannot be read costs its sender the connection and nobody else anything`(
        bytes: [UInt8]
    ) async throws {
        try await FleetFixture.with { fixture in
            let good = try fixture.connect()
            try await good.hello("web-1")
            let bad = try fixture.connect()

            await #expect(throws: (any Error).self) {
                try await bad.polls.request(bytes, timeout: .seconds(60))
            }

            let counted = fixture.fleet.counters.snapshot
            #expect(counted["malformed", default: 0] + counted["foreign_version", default: 0] == 1)
            let job = try await fixture.submit()
            #expect(try await good.poll(1).assignments.map(\.jobID) == [job.id])
        }
    }

    @Test func `a connection that the tunnel does not vouch for is closed`() async throws {
        try await FleetFixture.with { fixture in
            fixture.refuseIdentities()
            let socket = try Socket.request(options: .init(requestResendInterval: nil))
            _ = try? socket.dial("tcp://127.0.0.1:\(try #require(fixture.fleet.port))", start: .blocking)
            let context = try Context(on: socket)

            await #expect(throws: (any Error).self) {
                try await context.request(AgentMessage.reports([]).bytes, timeout: .seconds(2))
            }

            #expect(fixture.fleet.counters.snapshot["unidentified", default: 0] > 0)
        }
    }

    @Test func `a hostname of a connected agent is refused to another one until that one has gone`() async throws {
        try await FleetFixture.with { fixture in
            let first = try fixture.connect()
            try await first.hello("web-1")
            let second = try fixture.connect()

            let refusal = try await second.hello("web-1")
            guard case .refusal(let code, _, _) = refusal else {
                Issue.record("not refused: \(refusal)")
                return
            }
            #expect(code == "hostname_taken")

            first.socket.close()
            while fixture.directory.counts.connected > 0 { try await Task.sleep(for: .milliseconds(5)) }
            guard case .welcome = try await second.hello("web-1") else {
                Issue.record("still refused")
                return
            }
            #expect(fixture.directory.counts.known == 1)
        }
    }

    @Test func `a hostname that is not the certificate's is refused, and the connection is closed`() async throws {
        try await FleetFixture.with(hostname: "web-1") { fixture in
            let agent = try fixture.connect()

            guard case .refusal("hostname_mismatch", _, _) = try await agent.hello("web-2") else {
                Issue.record("not refused")
                return
            }
            // nng dials again, and each connection of this test is another agent's.
            while fixture.directory.agent(named: "web-1")?.id != AgentID("agent-2") {
                // One that is on its way when the connection is closed has no answer.
                _ = try? await agent.hello("web-1", timeout: .seconds(1))
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(fixture.directory.agents().map(\.hostname) == ["web-1"])
        }
    }

    @Test func `a broadcast reaches every parked poll`() async throws {
        try await FleetFixture.with { fixture in
            let deliveries = try await withThrowingTaskGroup(of: [JobID].self) { group in
                for index in 1...50 {
                    let agent = try fixture.connect()
                    try await agent.hello("web-\(index)")
                    group.addTask {
                        // A poll that was parked for the whole of its time is answered with nothing.
                        for sequence: UInt64 in 1... {
                            let jobs = try await agent.poll(sequence).assignments.map(\.jobID)
                            guard jobs.isEmpty else { return jobs }
                        }
                        return []
                    }
                }
                let job = try await fixture.submit()
                var reached = 0
                for try await ids in group where ids == [job.id] { reached += 1 }
                return reached
            }

            #expect(deliveries == 50)
        }
    }

    @Test func `an agent that goes away is shown as disconnected, and a session lives on over another link`()
        async throws
    {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            #expect(fixture.directory.agent(named: "web-1")?.connected == true)

            agent.socket.close()

            while fixture.directory.agent(named: "web-1")?.connected == true {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(fixture.directory.counts == (known: 1, connected: 0))
        }
    }
}
