// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// What every store makes of a request to cancel a job.
struct CancelConformanceTests {
    private let byAnn = NewCancel(grace: .seconds(3), requestedBy: "ann", reason: "wrong hosts")

    @Test(arguments: StoreFactory.all)
    func `what no agent has seen is cancelled at once, the rest is ordered to end`(_ factory: StoreFactory) async throws
    {
        try await factory.withStore { store in
            try await store.introduce(["away", "offered", "held", "running", "done"])
            try await store.submit(1, ["away", "offered", "held", "running", "done"])
            for host in ["offered", "held", "running", "done"] { _ = try await store.offer(host, held: 0) }
            _ = try await store.record(
                [
                    .holds(.on("held"), upTo: 1), .holds(.on("running"), upTo: 1),
                    .report("running", .test(1), .started), .report("done", .test(1), .ended(.well)),
                ],
                now: .at(2)
            )

            guard case .requested(let changes) = try await store.cancel(.test(1), byAnn, now: .at(3)) else {
                Issue.record("not taken")
                return
            }

            let states = try await store.allRuns(.test(1)).map(\.state)
            #expect(states == [.cancelled, .completed, .acknowledged, .pending, .started])
            #expect(Set(changes.deliveries.keys) == [.on("offered"), .on("held"), .on("running")])
            let job = try await store.existingJob(1)
            #expect(
                job.status == .processing && job.cancel?.requestedBy == "ann" && job.cancel?.reason == "wrong hosts"
            )
            let request = try await store.allEvents(.test(1)).first { $0.event == .cancelRequested }
            #expect(request?.message == "by ann: wrong hosts" && request?.hostname == nil)
            try await expectConsistent(store, frozen: [.test(1): 5])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an order is delivered like a run, and its arrival is told`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            _ = try await store.offer("a", held: 0)
            _ = try await store.record([.holds(.on("a"), upTo: 1), .report("a", .test(1), .started)], now: .at(2))
            _ = try await store.cancel(.test(1), byAnn, now: .at(3))
            try await store.submit(2, ["a"], now: .at(4))

            let deliveries = try await store.deliveries("a", held: 1)
            let order = CancelOrder(jobID: .test(1), delivery: 2, grace: .seconds(3), requestedBy: "ann")
            #expect(deliveries.first == .cancel(order))
            #expect(deliveries.dropFirst().map { $0.assignment?.jobID } == [.test(2)])

            let error = RunError(code: "cancelled", message: "ended on request by SIGTERM")
            let outcome = RunOutcome(state: .cancelled, error: error)
            _ = try await store.record(
                [.holds(.on("a"), upTo: 3), .report("a", .test(1), .ended(outcome))],
                now: .at(5)
            )
            #expect(try await store.deliveries("a", held: 3).isEmpty)
            #expect(try await store.existingJob(1).status == .cancelled)
            #expect(try await store.steps(1, "a") == [.acknowledged, .started, .cancelDelivered, .cancelled])
            #expect(try await store.run(2, "a").state == .acknowledged)
            try await expectConsistent(store)
        }
    }

    @Test(arguments: StoreFactory.all, [false, true])
    func `a run whose delivery did not arrive is withdrawn when its agent says so`(
        _ factory: StoreFactory,
        _ isTold: Bool
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            _ = try await store.offer("a", held: 0)
            _ = try await store.cancel(.test(1), byAnn, now: .at(3))

            // The agent says so with a poll that is news, or with one that repeats what was known.
            if isTold { _ = try await store.record([.holds(.on("a"), upTo: 0)], now: .at(4)) }
            let deliveries = try await store.deliveries("a", held: 0, now: .at(5))

            #expect(try await store.run(1, "a").state == .cancelled)
            #expect(try await store.existingJob(1).status == .cancelled)
            #expect(!deliveries.contains { $0.assignment != nil })
            try await expectConsistent(store)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a job that has ended is not cancelled, and one that is not there neither`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(1))
            let before = try await store.existingJob(1)

            guard case .finished = try await store.cancel(.test(1), byAnn, now: .at(2)),
                case .noSuchJob = try await store.cancel(.test(9), byAnn, now: .at(2))
            else {
                Issue.record("taken")
                return
            }
            #expect(try await store.existingJob(1) == before)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a second request replaces the order of the first`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            _ = try await store.offer("a", held: 0)
            _ = try await store.record([.holds(.on("a"), upTo: 1)], now: .at(2))
            _ = try await store.cancel(.test(1), byAnn, now: .at(3))
            _ = try await store.cancel(.test(1), NewCancel(grace: .zero, requestedBy: "bob"), now: .at(4))

            let order = CancelOrder(jobID: .test(1), delivery: 3, grace: .zero, requestedBy: "bob")
            #expect(try await store.deliveries("a", held: 1) == [.cancel(order)])
            #expect(try await store.existingJob(1).cancel?.requestedBy == "bob")
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an order that its agent refuses is a line of the timeline, once, and changes nothing else`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a", "b"])
            for host in ["a", "b"] { _ = try await store.offer(host, held: 0) }
            let held: [AgentUpdate] = [.holds(.on("a"), upTo: 1), .holds(.on("b"), upTo: 1)]
            _ = try await store.record(held, now: .at(2))
            _ = try await store.cancel(.test(1), byAnn, now: .at(3))
            let error = RunError(code: "refused_signature", message: "this agent trusts no job key 'x'")
            let refused = RefusedOrder(jobID: .test(1), delivery: 2, error: error)

            for second in 4...6 {
                _ = try await store.record([.holds(.on("a"), upTo: 2, refused: [refused])], now: .at(second))
            }
            // What is said of another job's order does not count.
            let other = RefusedOrder(jobID: .test(2), delivery: 2, error: error)
            _ = try await store.record([.holds(.on("b"), upTo: 2, refused: [other])], now: .at(7))

            #expect(try await store.steps(1, "a") == [.acknowledged, .orderRefused])
            #expect(try await store.steps(1, "b") == [.acknowledged, .cancelDelivered])
            let line = try #require(try await store.allEvents(.test(1)).last { $0.event == .orderRefused })
            #expect(line.message == "the order to cancel: this agent trusts no job key 'x'" && line.error == error)
            #expect(try await store.run(1, "a").state == .acknowledged)
            try await expectConsistent(store)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an agent that finished before it was told keeps its outcome`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            _ = try await store.offer("a", held: 0)
            _ = try await store.record([.holds(.on("a"), upTo: 1)], now: .at(2))
            _ = try await store.cancel(.test(1), byAnn, now: .at(3))
            _ = try await store.record(
                [.report("a", .test(1), .ended(.well)), .holds(.on("a"), upTo: 2)],
                now: .at(4)
            )

            #expect(try await store.existingJob(1).status == .completed)
            #expect(try await store.steps(1, "a") == [.acknowledged, .started, .completed, .cancelDelivered])
            try await expectConsistent(store)
        }
    }
}
