// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// What every store ends when time is over.
///
/// Jobs here have a deadline at 60 seconds and a hard end at 200.
struct DeadlineConformanceTests {
    private static let lease = Duration.seconds(30)

    private func pass(_ store: any JobStore, _ seconds: Int, limit: Int = 100) async throws -> OverdueResult {
        try await store.endOverdue(lease: Self.lease, limit: limit, now: .at(seconds))
    }

    @Test(arguments: StoreFactory.all)
    func `nothing is ended before the deadline`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])

            let result = try await pass(store, 59)

            #expect(result.changed.isEmpty && !result.more)
            #expect(try await store.run(1, "a").state == .pending)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `each run ends at its own of the three deadlines`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            let hosts = ["held", "never", "offered", "now"]
            try await store.introduce(hosts)
            try await store.submit(1, hosts, offerNow: ["now"])
            _ = try await store.offer("offered", held: 0)
            _ = try await store.record([.holds(.on("held"), upTo: 1)], now: .at(2))

            let first = try await pass(store, 60)
            #expect(first.changed[.test(1)]?.counts[.expired] == 1 && !first.more)
            #expect(try await store.run(1, "never").error?.code == "expired")
            #expect(try await pass(store, 89).changed.isEmpty)
            let second = try await pass(store, 90)
            #expect(second.changed[.test(1)]?.counts[.lost] == 2)
            #expect(try await store.run(1, "offered").state == .lost)
            #expect(try await store.run(1, "now").state == .lost)
            #expect(try await pass(store, 199).changed.isEmpty)
            #expect(try await store.run(1, "held").state == .acknowledged)
            let third = try await pass(store, 200)

            #expect(third.changed[.test(1)]?.status == .failed && !third.more)
            #expect(try await store.run(1, "held").state == .lost)
            #expect(try await pass(store, 999).changed.isEmpty)
            try await expectConsistent(store)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an offer that the agent says did not arrive expires`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            try await store.submit(2, ["a"])
            _ = try await store.offer("a", held: 0)

            _ = try await store.record([.holds(.on("a"), upTo: 1)], now: .at(2))
            _ = try await pass(store, 60)

            #expect(try await store.run(1, "a").state == .acknowledged)
            #expect(try await store.run(2, "a").state == .expired)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an offer to an agent of which more is known counts from what it holds`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            for number in 1...3 { try await store.submit(number, ["a"]) }
            _ = try await store.offer("a", held: 0)

            _ = try await store.offer("a", held: 0, limit: 1)
            _ = try await pass(store, 60)

            #expect(try await store.run(1, "a").state == .pending, "it may have arrived")
            #expect(try await store.run(2, "a").state == .expired)
            #expect(try await store.run(3, "a").state == .expired)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a pass ends no more than it may, and says that there is more`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            let hosts = (0..<7).map { "h\($0)" }
            try await store.introduce(hosts)
            try await store.submit(1, hosts)
            try await store.submit(2, hosts)
            try await store.submit(3, hosts, now: .at(50))

            var ended: [Int] = []
            var more = true
            while more {
                more = try await pass(store, 60, limit: 4).more
                ended.append(try await expectConsistent(store).values.map { $0.agentCounts[.expired] }.reduce(0, +))
                try #require(ended.count < 10)
            }

            #expect(ended == [4, 8, 12, 14])
            #expect(try await store.existingJob(3).status == .submitted)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `jobs with nothing to end yet are looked at once`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            for number in 1...5 { try await store.submit(number, ["a"]) }
            _ = try await store.record([.holds(.on("a"), upTo: 5)], now: .at(1))

            #expect(try await pass(store, 60, limit: 2).more)
            #expect(try await pass(store, 60, limit: 2).more)
            #expect(try await pass(store, 60, limit: 2).more == false)
            #expect(try await pass(store, 199, limit: 2).more == false)
            #expect(try await pass(store, 200).changed.count == 5)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `silence ends what an agent holds, not what waits for it`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a", "b"])
            try await store.submit(2, ["a"])
            _ = try await store.record(
                [.holds(.on("a"), upTo: 1), .holds(.on("b"), upTo: 1), .report("a", .test(1), .started)],
                now: .at(1)
            )

            let changed = try await store.endSilent([.on("a")], now: .at(40)).changed

            #expect(changed.keys.map(\.self) == [.test(1)])
            #expect(try await store.run(1, "a").state == .lost)
            #expect(try await store.run(1, "b").state == .acknowledged)
            #expect(try await store.run(2, "a").state == .pending)
            #expect(try await store.endSilent([.on("a")], now: .at(41)).changed.isEmpty)
            #expect(try await store.steps(1, "a") == [.acknowledged, .started, .lost])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an agent whose host starts again keeps its runs until the time for that is over`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            // From the deadline to the hard end a job of these tests has 140 seconds.
            try await store.submit(1, ["a", "b"])
            try await store.submit(2, ["a"])
            let going = RunReport.Event.goingDown(bootID: "one")
            _ = try await store.record(
                [.holds(.on("a"), upTo: 2), .holds(.on("b"), upTo: 1), .report("a", .test(1), going)],
                now: .at(10)
            )
            _ = try await store.record([.report("a", .test(1), going)], now: .at(30))
            let agents: [AgentID] = [.on("a"), .on("b")]

            let early = try await store.endSilent(agents, now: .at(149))

            #expect(early.awaited == [.on("a"): .at(150)])
            #expect(try await store.run(1, "a").state == .started)
            #expect(try await store.run(2, "a").state == .acknowledged)
            #expect(try await store.run(1, "b").state == .lost)

            let late = try await store.endSilent(agents, now: .at(150))

            #expect(late.awaited.isEmpty && late.changed.count == 2)
            #expect(try await store.steps(1, "a") == [.acknowledged, .started, .goingDown, .lost])
            let lines = try await store.timeline(of: .test(1), limit: 99, offset: 0)?.items ?? []
            #expect(lines.first { $0.event == .goingDown }?.message == "to start again; boot id one")
            try await expectConsistent(store)
        }
    }
}
