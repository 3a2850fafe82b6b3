// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// What every store makes of jobs for any one agent, and of agents that take nothing new.
struct PlacementConformanceTests {
    private let drain = AgentDrain(since: .at(1), by: "ann", reason: "new disks")

    @Test(arguments: StoreFactory.all)
    func `a run for any agent gets its go-ahead after it was acknowledged`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a"], awaitsGo: true)
            let waiting = try await store.unacknowledgedAny(limit: 9)
            let offer = try await store.offer("a", held: 0)

            let changes = try await store.record([.holds(.on("a"), upTo: 1)], now: .at(2))

            #expect(waiting.map(\.jobID) == [.test(1)] && waiting.map(\.agentID) == [.on("a")])
            #expect(offer.first?.policy.awaitsGo == true)
            #expect(changes.deliveries == [.on("a"): 2])
            #expect(try await store.deliveries("a", held: 1) == [.go(GoOrder(jobID: .test(1), delivery: 2))])
            #expect(try await store.unacknowledgedAny(limit: 9).isEmpty)
            _ = try await store.record([.holds(.on("a"), upTo: 2)], now: .at(3))
            #expect(try await store.deliveries("a", held: 2).isEmpty)
            try await expectConsistent(store)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `until it is acknowledged it can go to another agent, and the first gets no go-ahead`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a"], awaitsGo: true)
            _ = try await store.offer("a", held: 0)
            let other = (id: AgentID.on("b"), hostname: "b")

            let changes = try await store.reassign(.test(1), from: .on("a"), to: other, now: .at(3))
            // The first agent held it all the same, and comes back.
            let late = try await store.record([.holds(.on("a"), upTo: 1)], now: .at(4))
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(4))

            #expect(changes.deliveries == [.on("b"): 1])
            #expect(late.deliveries.isEmpty && late.jobs.isEmpty)
            #expect(try await store.allRuns(.test(1)).map(\.hostname) == ["b"])
            #expect(try await store.offer("b", held: 0).map(\.jobID) == [.test(1)])
            let line = try await store.allEvents(.test(1)).last
            #expect(line?.event == .reassigned && line?.message == "to b, since a did not acknowledge")

            _ = try await store.record([.holds(.on("b"), upTo: 1)], now: .at(5))
            let again = try await store.reassign(
                .test(1),
                from: .on("b"),
                to: (id: .on("a"), hostname: "a"),
                now: .at(6)
            )
            #expect(again.deliveries.isEmpty, "what was acknowledged stays where it is")
            try await expectConsistent(store, frozen: [.test(1): 1])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a run can come back to an agent that it was taken from`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a"], awaitsGo: true)
            _ = try await store.reassign(.test(1), from: .on("a"), to: (id: .on("b"), hostname: "b"), now: .at(1))
            _ = try await store.reassign(.test(1), from: .on("b"), to: (id: .on("a"), hostname: "a"), now: .at(2))

            #expect(try await store.offer("a", held: 1).map(\.delivery) == [2])
            try await expectConsistent(store, frozen: [.test(1): 1])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a drained agent gets orders and no runs, until it is resumed`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            _ = try await store.offer("a", held: 0)
            _ = try await store.record([.holds(.on("a"), upTo: 1)], now: .at(1))
            _ = try await store.setDrain(drain, of: .on("a"), audit: nil, now: .at(1))
            try await store.submit(2, ["a"], now: .at(2))
            #expect(try await store.deliveries("a", held: 1).isEmpty)

            _ = try await store.cancel(.test(1), NewCancel(requestedBy: nil), now: .at(3))
            let orders = try await store.deliveries("a", held: 1)
            let number = try #require(orders.first?.number)
            _ = try await store.record([.holds(.on("a"), upTo: number)], now: .at(4))

            #expect(orders.count == 1 && orders.first?.assignment == nil)
            #expect(try await store.run(2, "a").state == .pending, "an order speaks for no run")
            #expect(try await store.agents().first?.agent.drain == drain)
            let resumed = try await store.setDrain(nil, of: .on("a"), audit: nil, now: .at(5))
            #expect(resumed.deliveries.keys.map(\.self) == [.on("a")])
            #expect(try await store.offer("a", held: number).map(\.jobID) == [.test(2)])
            #expect(try await store.agents().first?.agent.drain == nil)
            try await expectConsistent(store)
        }
    }
}
