// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// What every store keeps of agents, and what it offers to them.
struct AgentConformanceTests {
    @Test(arguments: StoreFactory.all)
    func `an agent is kept as it introduced itself last`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            _ = try await store.record([.introduced("a", labels: ["env": "dev"])], now: .at(1))
            _ = try await store.record(
                [
                    .introduced("a", certificateExpiresAt: .at(99), labels: ["env": "prod"], facts: ["cpus": 4]),
                    .seen(.on("a"), at: .at(9)),
                ],
                now: .at(2)
            )
            _ = try await store.record([.seen(.on("a"), at: .at(5))], now: .at(5))

            let agents = try await store.agents()

            #expect(
                agents.map(\.agent) == [
                    Agent(
                        id: .on("a"),
                        hostname: "a",
                        connected: false,
                        labels: ["env": "prod"],
                        facts: ["cpus": 4],
                        version: "1.0.0",
                        firstSeenAt: .at(1),
                        lastSeenAt: .at(9),
                        certificateExpiresAt: .at(99)
                    )
                ]
            )
            #expect(agents.map(\.lastDelivery) == [0])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an agent that holds more than was given to it gets its pending runs under higher numbers`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            try await store.submit(2, ["a"])

            _ = try await store.record([.holds(.on("a"), upTo: 500)], now: .at(1))

            #expect(try await store.run(1, "a").state == .pending, "it cannot hold what was never offered")
            #expect(try await store.offer("a", held: 500).map(\.delivery) == [501, 502])
            try await store.submit(3, ["a"])
            #expect(try await store.offer("a", held: 502).map(\.delivery) == [503])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a renamed agent keeps its deliveries and its runs`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["old"])
            try await store.submit(1, ["old"])

            let changed = try await store.record([.introduced("new", id: .on("old"))], now: .at(1)).jobs

            #expect(changed.isEmpty)
            #expect(try await store.agents().map(\.agent.hostname) == ["new"])
            #expect(try await store.run(1, "old").state == .pending)
            #expect(try await store.offer("old", held: 0).map(\.delivery) == [1])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an agent that takes a hostname over ends the runs of the one before`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            for number in 1...4 { try await store.submit(number, ["a"]) }
            _ = try await store.offer("a", held: 0, limit: 3)
            _ = try await store.record(
                [.holds(.on("a"), upTo: 2), .report("a", .test(1), .started)],
                now: .at(1)
            )
            #expect(try await store.offer("a", held: 2, limit: 1).map(\.delivery) == [3])

            let other = AgentID("other")
            let changed = try await store.record([.introduced("a", id: other)], now: .at(2)).jobs

            #expect(changed.count == 4 && changed.values.allSatisfy { $0.status == .failed })
            let states = [
                try await store.run(1, "a").state, try await store.run(2, "a").state,
                try await store.run(3, "a").state, try await store.run(4, "a").state,
            ]
            #expect(states == [.lost, .lost, .lost, .expired])
            #expect(try await store.run(1, "a").agentID == .on("a"), "the run is still that of the old agent")
            #expect(try await store.agents().map(\.agent.id) == [other])
            #expect(try await store.agents().map(\.lastDelivery) == [0])
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(3))
            #expect(try await store.run(1, "a").state == .completed, "it may still tell")
            try await expectConsistent(store)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a replaced agent that returns goes on where it was`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            _ = try await store.record([.introduced("a", id: AgentID("other"))], now: .at(1))

            _ = try await store.record([.introduced("b", id: .on("a"))], now: .at(2))

            let agents = try await store.agents()
            #expect(agents.map(\.agent.hostname) == ["a", "b"])
            #expect(agents.map(\.lastDelivery) == [0, 1], "a number is never given twice")
        }
    }

    // MARK: Offers

    @Test(arguments: StoreFactory.all)
    func `an agent is offered what it does not hold, oldest first`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            for number in 1...3 { try await store.submit(number, ["a", "b"]) }

            let given = try await store.offers(
                for: [
                    OfferRequest(agentID: .on("a"), held: 0), OfferRequest(agentID: .on("b"), held: 2),
                    OfferRequest(agentID: .on("stranger"), held: 0),
                ],
                limit: 2,
                now: .at(20)
            )

            let offers = given.mapValues { $0.compactMap(\.assignment) }
            #expect(offers[.on("a")]?.map(\.jobID) == [.test(1), .test(2)])
            #expect(offers[.on("b")]?.map(\.delivery) == [3])
            #expect(offers.count == 2)
            let first = offers[.on("a")]?.first
            #expect(first?.startWithin == .seconds(40) && first?.attempt == 1)
            #expect(first?.operation.data == ["argv": ["true"]])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `what an agent has taken is not offered again`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            #expect(try await store.offer("a", held: 0).count == 1)
            #expect(try await store.offer("a", held: 0).count == 1, "it did not arrive")

            _ = try await store.record([.holds(.on("a"), upTo: 1)], now: .at(2))

            #expect(try await store.offer("a", held: 1).isEmpty)
            #expect(try await store.offer("a", held: 0).isEmpty, "acknowledged stays acknowledged")
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a run whose deadline has passed is neither offered nor taken for held`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"], deadline: 10)
            try await store.submit(2, ["a"], deadline: 60)

            let offered = try await store.offer("a", held: 0, limit: 1, now: .at(10))
            _ = try await store.record([.holds(.on("a"), upTo: 2)], now: .at(11))

            #expect(offered.map(\.jobID) == [.test(2)])
            #expect(try await store.run(1, "a").state == .expired)
            #expect(try await store.run(2, "a").state == .acknowledged)
            try await expectConsistent(store)
        }
    }
}
