// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import NNG
import Signing
import Testing
import Wire

@testable import Fleet

@Suite(.timeLimit(.minutes(10)))
struct GreetingTests {
    @Test func `a hello that is too much is told when to come again, and its connection is kept`() async throws {
        try await FleetFixture.with(configure: { $0.greetingsPerSecond = 1 }) { fixture in
            let agents = try (0..<12).map { _ in try fixture.connect() }

            let answers = try await withThrowingTaskGroup(of: (Int, ControllerMessage).self) { group in
                for (index, agent) in agents.enumerated() {
                    group.addTask { (index, try await agent.hello("web-\(index)")) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }

            var refused: [Int] = []
            for (index, answer) in answers {
                guard case .refusal(let code, let text, let retryAfter) = answer else { continue }
                refused.append(index)
                #expect(code == "busy")
                #expect(!text.isEmpty)
                #expect(retryAfter >= .seconds(1) && retryAfter <= .seconds(2))
            }
            #expect(fixture.fleet.counters.snapshot["greeted_too_fast"] == refused.count)
            #expect(fixture.directory.counts == (known: 12 - refused.count, connected: 12 - refused.count))
            let late = try #require(refused.first, "twelve in a second are too many")
            while true {
                if case .welcome = try await agents[late].hello("web-\(late)") { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(fixture.directory.agent(named: "web-\(late)")?.connected == true)
            for agent in agents { agent.socket.close() }
        }
    }

    @Test func `an agent is told when its polls may be parked for longer, and then they are`() async throws {
        try await FleetFixture.with(
            heartbeat: .milliseconds(200),
            configure: { $0.idlePollsPerSecond = 1 }
        ) { fixture in
            let agent = try fixture.connect()
            let greeting = try await agent.hello("web-1")
            let keys = [fixture.signer.current.text]
            let expected = Welcome(
                storeID: agent.storeID,
                heartbeat: .milliseconds(200),
                jobKeys: keys,
                takesReportsInPolls: true
            )
            #expect(greeting == .welcome(expected))

            let first = try #require(try await agent.poll(1).work)
            let second = try #require(try await agent.poll(2).work)

            #expect(first.deliveries.isEmpty && second.deliveries.isEmpty)
            #expect(first.parked >= .milliseconds(200), "as the welcome had it")
            #expect(first.heartbeat == .seconds(1))
            #expect(second.parked >= .seconds(1))
            #expect(second.heartbeat == nil)
        }
    }
}
