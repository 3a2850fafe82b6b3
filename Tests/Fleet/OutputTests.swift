// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import NNG
import Testing
import Wire

@testable import Fleet

/// Questions for output that go to agents with answers to their polls, over real nng.
@Suite(.timeLimit(.minutes(10)))
struct OutputTests {
    private static let question = OutputQuestion(
        jobID: JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41),
        attempt: 2,
        stream: .stderr,
        range: 10..<30
    )
    private static let agentID = AgentID("agent-1")

    private static func piece(_ id: UInt64, at offset: Int, isLast: Bool = false) -> AgentMessage {
        .output(OutputPiece(requestID: id, offset: offset, bytes: [7], keptBytes: 99, isLast: isLast))
    }

    /// An agent that has polled, and is asked.
    private func asked(
        _ fixture: FleetFixture
    ) async throws -> (agent: HandAgent, request: OutputRequest, transfer: OutputTransfer) {
        let agent = try fixture.connect()
        try await agent.hello("web-1")
        async let work = agent.poll(1)
        while fixture.directory.parked(among: [Self.agentID]).isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        let transfer = try await fixture.fleet.begin(Self.question, at: Self.agentID)
        let answer = try await work
        guard let work = answer.work, work.deliveries.isEmpty else { throw OutputFault.broken }
        return (agent, try #require(work.outputs.first), transfer)
    }

    @Test func `a question is sent at once to an agent whose poll is parked, and its answer comes piece by piece`()
        async throws
    {
        try await FleetFixture.with { fixture in
            let (agent, request, transfer) = try await asked(fixture)
            #expect(request.jobID == Self.question.jobID && request.attempt == 2 && request.stream == .stderr)
            #expect(request.offset == 10 && request.length == 20)

            let answer = Task { try await agent.ask(Self.piece(request.id, at: 10), on: agent.reports) }
            let first = try await transfer.next()
            #expect(first == AgentOutputPiece(offset: 10, bytes: [7], keptBytes: 99, isLast: false))
            #expect(try await answer.value == .outputReceipt(goesOn: true))
            let end = Task { try await agent.ask(Self.piece(request.id, at: 11, isLast: true), on: agent.reports) }
            #expect(try await transfer.next()?.isLast == true)
            #expect(try await end.value == .outputReceipt(goesOn: false))
            #expect(try await transfer.next() == nil)
        }
    }

    @Test func `a question waits for the poll of an agent that is busy, and is sent once`() async throws {
        try await FleetFixture.with(heartbeat: .milliseconds(400)) { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let transfer = try await fixture.fleet.begin(Self.question, at: Self.agentID)

            let first = try await agent.poll(1).work
            let second = try await agent.poll(2).work

            #expect(first?.outputs.count == 1 && second?.outputs.isEmpty == true)
            withExtendedLifetime(transfer) {}
        }
    }

    @Test func `a question for a run that goes on has the places of both outputs, and so have the pieces`() async throws
    {
        try await FleetFixture.with(heartbeat: .milliseconds(400)) { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            let question = OutputQuestion(following: Self.question.jobID, attempt: 3, stdout: 10, stderr: 20)
            let transfer = try await fixture.fleet.begin(question, at: Self.agentID)
            let work = try await agent.poll(1).work
            let request = try #require(work?.outputs.first)
            #expect(request.isFollowing && request.offset == 10 && request.errorOffset == 20 && request.attempt == 3)

            let piece = OutputPiece(
                requestID: request.id,
                stream: .stderr,
                offset: 20,
                bytes: [1],
                keptBytes: 21,
                isLast: false
            )
            let answer = Task { try await agent.ask(.output(piece), on: agent.reports) }
            #expect(try await transfer.next()?.stream == .stderr)
            #expect(try await answer.value == .outputReceipt(goesOn: true))
        }
    }

    @Test func `an agent that has it no more, and one that has too much to do, say so`() async throws {
        try await FleetFixture.with { fixture in
            let (agent, request, transfer) = try await asked(fixture)
            let gone = RunError(code: "output_gone", message: "no more")

            let receipt = try await agent.ask(.output(OutputPiece(refusing: request.id, gone)), on: agent.reports)

            #expect(receipt == .outputReceipt(goesOn: false))
            await #expect(throws: OutputFault.gone) { try await transfer.next() }
        }
    }

    @Test func `the link of an agent takes its questions with it`() async throws {
        try await FleetFixture.with { fixture in
            let (agent, _, transfer) = try await asked(fixture)

            agent.socket.close()

            await #expect(throws: OutputFault.offline) { try await transfer.next() }
            await #expect(throws: OutputFault.offline) {
                try await fixture.fleet.begin(Self.question, at: Self.agentID)
            }
        }
    }

    @Test func `what nobody asked for, or another agent was asked for, is not wanted`() async throws {
        try await FleetFixture.with { fixture in
            let (agent, request, transfer) = try await asked(fixture)
            let other = try fixture.connect()
            try await other.hello("web-2")

            #expect(try await agent.ask(Self.piece(1, at: 0), on: agent.reports) == .outputReceipt(goesOn: false))
            let stolen = try await other.ask(Self.piece(request.id, at: 10), on: other.reports)
            #expect(stolen == .outputReceipt(goesOn: false))
            withExtendedLifetime(transfer) {}
        }
    }

    @Test func `an agent that does not answer is given up after a while`() async throws {
        try await FleetFixture.with(configure: { $0.outputPatience = .milliseconds(50) }) { fixture in
            let (agent, _, transfer) = try await asked(fixture)

            await #expect(throws: OutputFault.silent) { try await transfer.next() }
            withExtendedLifetime(agent) {}
        }
    }

    @Test func `no more questions are under way at an agent than it answers`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()
            try await agent.hello("web-1")
            var transfers: [OutputTransfer] = []
            for _ in 0..<8 { transfers.append(try await fixture.fleet.begin(Self.question, at: Self.agentID)) }

            await #expect(throws: OutputFault.busy) {
                try await fixture.fleet.begin(Self.question, at: Self.agentID)
            }
            transfers.removeLast()
            _ = try await fixture.fleet.begin(Self.question, at: Self.agentID)
        }
    }
}
