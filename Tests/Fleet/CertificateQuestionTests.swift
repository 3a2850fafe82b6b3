// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import NNG
import Synchronization
import Testing
import Wire

@testable import Fleet

/// Agents that ask for certificates, and agents that are refused, over real nng.
@Suite(.timeLimit(.minutes(10)))
struct CertificateQuestionTests {
    private static let answer = AgentCredentials(certificateChain: "chain", authorities: "both")

    @Test func `a question for certificates is answered for the agent of the connection`() async throws {
        let asked = Mutex<[(AgentID, [UInt8]?)]>([])
        try await FleetFixture.with(
            certify: { agent, request in
                asked.withLock { $0.append((agent.id, request)) }
                return .credentials(Self.answer)
            }
        ) { fixture in
            let agent = try fixture.connect()

            #expect(try await agent.ask(.credentials(certificateRequest: [1, 2])) == .credentials(Self.answer))
            #expect(try await agent.ask(.credentials(certificateRequest: [])) == .credentials(Self.answer))
        }
        asked.withLock { asked in
            #expect(asked.map(\.0) == [AgentID("agent-1"), AgentID("agent-1")])
            #expect(asked.map(\.1) == [[1, 2], nil])
        }
    }

    @Test func `a controller without an authority says so`() async throws {
        try await FleetFixture.with { fixture in
            let agent = try fixture.connect()

            guard case .refusal("no_authority", _, _) = try await agent.ask(.credentials(certificateRequest: [1]))
            else { return #expect(Bool(false), "not refused") }
        }
    }

    @Test func `an agent that was revoked while it was connected begins no session`() async throws {
        let isRevoked = Mutex(false)
        try await FleetFixture.with(admits: { _ in isRevoked.withLock { !$0 } }) { fixture in
            let agent = try fixture.connect()
            guard case .welcome = try await agent.hello("web-1") else { return #expect(Bool(false), "refused") }

            isRevoked.withLock { $0 = true }

            await #expect(throws: (any Error).self) {
                try await agent.reports.request(AgentMessage.hello(.example).bytes, timeout: .seconds(5))
            }
            #expect(fixture.fleet.counters.snapshot["revoked", default: 0] > 0)
        }
    }

    @Test func `a second process of an agent is refused until the first has gone`() async throws {
        try await FleetFixture.with(isOneAgent: true) { fixture in
            let first = try fixture.connect()
            try await first.hello("web-1", instance: "first")
            let second = try fixture.connect()

            guard case .refusal("already_connected", _, _) = try await second.hello("web-1", instance: "second")
            else { return #expect(Bool(false), "not refused") }
            // The same process over another connection is nobody else.
            guard case .welcome = try await second.hello("web-1", instance: "first")
            else { return #expect(Bool(false), "refused") }

            first.socket.close()
            second.socket.close()
            while fixture.directory.counts.connected > 0 { try await Task.sleep(for: .milliseconds(5)) }
            let third = try fixture.connect()
            guard case .welcome = try await third.hello("web-1", instance: "second")
            else { return #expect(Bool(false), "still refused") }
        }
    }
}

extension CertificateQuestionTests {
    @Test func `a process whose link is dead makes room for the next one of its agent`() async throws {
        try await FleetFixture.with(isOneAgent: true, configure: { $0.challenge = .milliseconds(200) }) { fixture in
            let first = try fixture.connect()
            try await first.hello("web-1", instance: "first")
            async let parked = first.poll(1, instance: "first")
            while fixture.fleet.table.withLock({ $0.parkedCount }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let second = try fixture.connect()

            guard case .refusal("already_connected", _, _) = try await second.hello("web-1", instance: "second")
            else { return #expect(Bool(false), "not refused") }
            // Asked whether it lives, the first says nothing.
            #expect(try await parked.deliveries.isEmpty)

            while true {
                if case .welcome = try await second.hello("web-1", instance: "second") { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(fixture.fleet.counters.snapshot["silent"] == 1)
        }
    }
}

extension Introduction {
    fileprivate static let example = Introduction(
        instance: "i",
        hostname: "web-1",
        labels: [:],
        facts: [:],
        version: "test",
        ledgerID: "l"
    )
}
