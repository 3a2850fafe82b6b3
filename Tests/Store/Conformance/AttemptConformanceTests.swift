// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// What every store makes of attempts, of retries, and of agents that have lost their ledgers.
struct AttemptConformanceTests {
    @Test(arguments: StoreFactory.all)
    func `an attempt that fails and is tried again leaves the run open`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"], retry: RetryPolicy(maxAttempts: 3, backoff: 2.5))
            let policy = try await store.offer("a", held: 0).first?.policy

            _ = try await store.record(
                [.holds(.on("a"), upTo: 1), .report("a", .test(1), .retrying(.badly, after: .seconds(5)))],
                now: .at(2)
            )
            let between = try await store.run(1, "a")
            _ = try await store.record(
                [
                    .report("a", .test(1), .started, attempt: 2), .report("a", .test(1), .ended(.well), attempt: 2),
                    .report("a", .test(1), .ended(.badly), attempt: 1),
                ],
                now: .at(9)
            )

            #expect(policy?.maxAttempts == 3 && policy?.backoff == .milliseconds(2500))
            #expect(between.state == .acknowledged && between.attempt == 2 && between.error == nil)
            let run = try await store.run(1, "a")
            #expect(run.state == .completed && run.attempt == 2)
            #expect(try await store.steps(1, "a") == [.acknowledged, .started, .retrying, .started, .completed])
            let line = try await store.allEvents(.test(1)).first { $0.event == .retrying }
            #expect(line?.error?.code == "non_zero_exit" && line?.message == "attempt 1 failed; attempt 2 follows")
            #expect(try await store.existingJob(1).retry == RetryPolicy(maxAttempts: 3, backoff: 2.5))
            try await expectConsistent(store)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a job that repeats another is told of in the timeline of that`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a", "b"])
            _ = try await store.record([.report("a", .test(1), .ended(.badly))], now: .at(1))
            _ = try await store.record([.report("b", .test(1), .ended(.well))], now: .at(1))
            try await store.submit(2, ["a"], now: .at(2), retryOf: 1)

            #expect(try await store.existingJob(2).retryOf == .test(1))
            let line = try await store.allEvents(.test(1)).last
            #expect(line?.event == .retried && line?.timestamp == .at(2))
            #expect(line?.message == "as \(JobID.test(2)) on 1 agent by tester")
            try await expectConsistent(store, frozen: [.test(1): 2, .test(2): 1])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `what an agent may have had in a ledger that is gone is lost, and only that`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            _ = try await store.record([.introduced("a", ledger: "one")], now: .at(0))
            for number in 1...4 { try await store.submit(number, ["a"]) }
            _ = try await store.offer("a", held: 0, limit: 3)
            _ = try await store.record([.holds(.on("a"), upTo: 2), .report("a", .test(1), .started)], now: .at(1))
            _ = try await store.offer("a", held: 2, limit: 1)
            _ = try await store.record([.introduced("a", ledger: "one")], now: .at(2))
            #expect(try await store.run(1, "a").state == .started)

            _ = try await store.record([.introduced("a", ledger: "two"), .holds(.on("a"), upTo: 0)], now: .at(3))

            var states: [RunState] = []
            for number in 1...4 { states.append(try await store.run(number, "a").state) }
            #expect(states == [.lost, .lost, .lost, .pending])
            #expect(try await store.run(1, "a").error?.message.contains("ledger") == true)
            #expect(try await store.offer("a", held: 0).map(\.jobID) == [.test(4)])
            try await expectConsistent(store)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `no more jobs are open than may be`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            try await store.submit(2, ["a"])
            func next() async throws -> CreatedJob? {
                try await store.create(
                    NewJob(
                        id: .test(3),
                        request: JobRequest(operation: OperationRequest(type: "ping"), target: "a"),
                        agents: [(id: .on("a"), hostname: "a")],
                        offerNow: [],
                        createdAt: .at(1),
                        deadlineAt: .at(60),
                        hardEndAt: .at(90),
                        createdBy: nil,
                        maximumOpenJobs: 2
                    )
                )
            }

            #expect(try await next() == nil)
            try await expectConsistent(store, frozen: [.test(1): 1, .test(2): 1])
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(2))
            #expect(try await next()?.job.status == .submitted)
        }
    }
}
