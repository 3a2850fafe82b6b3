// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import NNG
import Testing
import Wire

@testable import Fleet

@Suite(.timeLimit(.minutes(5)))
struct GreetingTests {
    @Test func `a hello that is too much is told when to come again, and its connection is kept`() async throws {
        try await FleetFixture.with(configure: { $0.greetingsPerSecond = 1 }) { fixture in
            let agents = [try fixture.connect(), try fixture.connect()]
            for (index, agent) in zip(1...2, agents) {
                guard case .welcome = try await agent.hello("web-\(index)") else {
                    Issue.record("web-\(index) was not taken")
                    return
                }
            }
            let third = try fixture.connect()

            guard case .refusal("busy", let text, let retryAfter) = try await third.hello("web-3") else {
                Issue.record("not refused")
                return
            }

            #expect(!text.isEmpty)
            #expect(retryAfter >= .seconds(1) && retryAfter <= .seconds(2))
            #expect(fixture.fleet.counters.snapshot["greeted_too_fast"] == 1)
            #expect(fixture.directory.agents().map(\.hostname) == ["web-1", "web-2"])
            while true {
                if case .welcome = try await third.hello("web-3") { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(fixture.directory.agents().map(\.hostname) == ["web-1", "web-2", "web-3"])
            #expect(fixture.directory.counts.connected == 3)
            for agent in agents + [third] { agent.socket.close() }
        }
    }

    @Test func `an agent is told when its polls may be parked for longer, and then they are`() async throws {
        try await FleetFixture.with(
            heartbeat: .milliseconds(200),
            configure: { $0.idlePollsPerSecond = 1 }
        ) { fixture in
            let agent = try fixture.connect()
            let greeting = try await agent.hello("web-1")
            #expect(greeting == .welcome(storeID: agent.storeID, heartbeat: .milliseconds(200)))

            guard case .work(_, [], let first, let told) = try await agent.poll(1),
                case .work(_, [], let second, let unchanged) = try await agent.poll(2)
            else {
                Issue.record("not answered with empty work")
                return
            }

            #expect(first >= .milliseconds(200) && first < .seconds(1), "as the welcome had it")
            #expect(told == .seconds(1))
            #expect(second >= .seconds(1))
            #expect(unchanged == nil)
        }
    }
}
