// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct TargetPickTests {
    private let fleet = (0..<200).map { index in
        TargetFleet.agent(
            "host-\(index)",
            id: "agent-\(index * 7919)",
            connected: index % 4 == 0,
            labels: ["env": index % 2 == 0 ? "prod" : "dev"]
        )
    }

    private func select(_ text: String, from agents: [Agent]? = nil, seed: UInt64 = 1) throws -> [String] {
        try TargetExpression(parsing: text).select(from: agents ?? fleet, seed: seed).map(\.hostname)
    }

    private static let sizes: [(expression: String, size: Int)] = [
        ("sample(1)", 1), ("sample(3)", 3), ("sample(200)", 200), ("sample(201)", 200), ("sample(100%)", 200),
        ("sample(10%)", 20), ("sample(0.7%)", 1), ("sample(0.001%)", 1), ("sample(12.5%)", 25), ("sample(99.9%)", 199),
        ("env=prod and sample(10%)", 10), ("sample(3) and env=prod", 3), ("host-7 and sample(10%)", 1),
        ("(env=prod) and sample(1.99%)", 1), ("(sample(5))", 5), ("env=prod and host-1* and sample(3, seed=9)", 3),
    ]

    @Test(arguments: sizes)
    func `a sample has the size that was asked for`(expression: String, size: Int) throws {
        #expect(try select(expression).count == size)
    }

    @Test func `a sample is taken from what the rest selects`() throws {
        let prod = Set(try select("env=prod"))

        #expect(prod.isSuperset(of: try select("env=prod and sample(30%)")))
        #expect(Set(try select("env=prod and sample(100)")) == prod)
    }

    @Test func `a seed gives one sample, whatever the order of the agents`() throws {
        let first = try select("sample(20, seed=42)", seed: 1)

        #expect(try select("sample(20, seed=42)", from: fleet.shuffled(), seed: 2) == first)
        #expect(try select("sample(20, 42)", seed: 3) == first)
        #expect(try select("sample(20)", seed: 42) == first)
        #expect(try select("sample(20, seed=43)") != first)
        #expect(first == first.sorted())
    }

    @Test func `a sample with a seed is the same in every process and version`() throws {
        #expect(try select("sample(3, seed=42)") == ["host-172", "host-80", "host-84"])
    }

    @Test func `an agent that comes or goes moves one place of a sample at most`() throws {
        let before = Set(try select("sample(20, seed=42)"))

        for gone in fleet {
            let after = Set(try select("sample(20, seed=42)", from: fleet.filter { $0 != gone }))
            #expect(before.subtracting(after).isSubset(of: [gone.hostname]))
            #expect(after.count == 20)
        }
        let more = Set(try select("sample(20, seed=42)", from: fleet + [TargetFleet.agent("new")]))
        #expect(before.subtracting(more).count <= 1)
    }

    @Test func `over many seeds every agent has its share of the samples`() throws {
        var taken: [String: Int] = [:]
        for seed in 0..<1000 {
            for hostname in try select("sample(10%)", seed: UInt64(seed)) { taken[hostname, default: 0] += 1 }
        }

        // 100 of 1000 are expected of each; the spread of a binomial is 9.5, so this is over six of them.
        #expect(taken.count == 200)
        #expect(taken.values.allSatisfy { (40...160).contains($0) })
    }

    @Test func `_any is one agent that is connected`() throws {
        let connected = Set(fleet.filter(\.connected).map(\.hostname))
        var chosen: Set<String> = []
        for seed in 0..<400 {
            let one = try select("_any", seed: UInt64(seed))
            #expect(one.count == 1)
            chosen.formUnion(one)
        }

        #expect(chosen.isSubset(of: connected))
        #expect(chosen.count > connected.count / 2)
        #expect(try select("host-4 and _any") == ["host-4"])
        #expect(try select("_ANY and env=prod", seed: 5) == select("env=prod and _any", seed: 5))
    }

    @Test func `_any passes over those that are drained, and says so where there is nobody else`() throws {
        func drained(_ agent: Agent) -> Agent {
            var agent = agent
            agent.drain = AgentDrain(since: agent.lastSeenAt, by: nil, reason: nil)
            return agent
        }
        let connected = Array(fleet.filter(\.connected).prefix(3))
        let away = try #require(fleet.first { !$0.connected })

        for seed in UInt64(0)..<20 {
            let some = [drained(connected[0]), connected[1], drained(connected[2]), away]
            #expect(try select("_any", from: some, seed: seed) == [connected[1].hostname])
        }
        let none = #expect(throws: TargetError.self) { try select("_any", from: connected.map(drained)) }
        let one = #expect(throws: TargetError.self) {
            try select("\(connected[0].hostname) and _any", from: [drained(connected[0])])
        }
        let rest = #expect(throws: TargetError.self) {
            try select("host-* and _any", from: [drained(connected[0]), away])
        }
        #expect(none == TargetError(.nothingConnected, "no agent is connected and not drained"))
        #expect(one == TargetError(.nothingConnected, "the one agent selected is drained"))
        #expect(rest == TargetError(.nothingConnected, "none of the 2 agents selected is connected and not drained"))
    }

    @Test func `_any fails where nobody is connected`() throws {
        let away = fleet.filter { !$0.connected }

        let none = #expect(throws: TargetError.self) { try select("_any", from: away) }
        let rest = #expect(throws: TargetError.self) { try select("env=dev and _any") }
        let empty = #expect(throws: TargetError.self) { try select("_any", from: []) }

        #expect(none == TargetError(.nothingConnected, "no agent is connected"))
        #expect(rest == TargetError(.nothingConnected, "none of the 100 agents selected is connected"))
        #expect(empty?.code == .nothingConnected)
    }
}
