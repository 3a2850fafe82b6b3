// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// What every store makes of what agents tell of their runs.
struct ReportConformanceTests {
    @Test(arguments: StoreFactory.all)
    func `a run goes its way and the job follows`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a", "b"])

            let held = try await store.record([.holds(.on("a"), upTo: 1)], now: .at(1)).jobs
            #expect(held[.test(1)]?.status == .processing)
            #expect(try await store.run(1, "a").acknowledgedAt == .at(1))
            _ = try await store.record([.report("a", .test(1), .started)], now: .at(2))
            #expect(try await store.run(1, "a").state == .started)
            let ended = try await store.record(
                [.report("a", .test(1), .ended(.well)), .report("b", .test(1), .ended(.badly))],
                now: .at(3)
            )

            let job = try await store.existingJob(1)
            #expect(ended.jobs.keys.map(\.self) == [.test(1)] && ended.jobs[.test(1)]?.counts == job.agentCounts)
            #expect(job.status == .partialFailure && job.startedAt == .at(2) && job.completedAt == .at(3))
            #expect(job.statusUpdatedAt == .at(3) && job.updatedAt == .at(3))
            #expect(job.changed == true && job.agentsChanged == 1)
            let a = try await store.run(1, "a")
            #expect(a.changed == true && a.data == ["exit_code": 0] && a.completedAt == .at(3))
            #expect(try await store.run(1, "b").error?.code == "non_zero_exit")
            #expect(try await store.steps(1, "b") == [.acknowledged, .started, .failed])
            let last = try await store.allEvents(.test(1)).last
            #expect(last?.message == "exit code 3" && last?.error?.message == "exit code 3\nmore")
            try await expectConsistent(store, frozen: [.test(1): 2])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `data is left out of a listing that did not ask for it`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(1))

            #expect(try await store.allRuns(.test(1), includingData: false).map(\.data) == [nil])
            #expect(try await store.allRuns(.test(1), includingData: true).map(\.data) == [["exit_code": 0]])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `what is told twice, late or of nothing known changes nothing`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a"])
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(1))
            let before = try await store.existingJob(1)

            let changed = try await store.record(
                [
                    .report("a", .test(1), .ended(.well)), .report("a", .test(1), .ended(.badly)),
                    .report("a", .test(1), .started), .report("a", .test(1), .ended(.badly), attempt: 2),
                    .report("b", .test(1), .ended(.badly)), .report("a", .test(7), .ended(.badly)),
                    .report("stranger", .test(1), .ended(.badly)), .holds(.on("a"), upTo: 1),
                    .holds(.on("stranger"), upTo: 9), .seen(.on("stranger"), at: .at(2)),
                ],
                now: .at(2)
            )

            #expect(changed.jobs.isEmpty)
            #expect(try await store.existingJob(1) == before)
            #expect(try await store.allEvents(.test(1)).count == 4)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an agent holds only what was given to it, whatever it says`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])

            _ = try await store.record([.holds(.on("a"), upTo: .max)], now: .at(1))
            try await store.submit(2, ["a"])

            #expect(try await store.run(1, "a").state == .pending)
            #expect(try await store.offer("a", held: .max).isEmpty, "it says that it holds it")
            #expect(try await store.offer("a", held: 1 << 53).map(\.jobID) == [.test(1), .test(2)])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a lost run takes the outcome that its agent comes back with`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a", "b"])
            _ = try await store.record(
                [.holds(.on("a"), upTo: 1), .report("b", .test(1), .ended(.well))],
                now: .at(1)
            )
            let silent = try await store.endSilent([.on("a"), .on("b"), .on("stranger")], now: .at(5)).changed
            #expect(silent[.test(1)]?.status == .partialFailure)
            try await expectConsistent(store)

            let late = try await store.record(
                [.report("a", .test(1), .started), .report("a", .test(1), .ended(.well))],
                now: .at(9)
            )

            #expect(late.jobs[.test(1)]?.status == .completed)
            let job = try await store.existingJob(1)
            #expect(job.status == .completed && job.completedAt == .at(5) && job.agentsChanged == 2)
            let run = try await store.run(1, "a")
            #expect(run.error == nil && run.completedAt == .at(9) && run.data == ["exit_code": 0])
            #expect(try await store.steps(1, "a") == [.acknowledged, .lost, .started, .completed])
            #expect(try await store.statusCounts()[.partialFailure] == 0)
            try await expectConsistent(store, frozen: [.test(1): 2])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a clock that steps back does not turn the timeline round`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"], now: .at(10))

            _ = try await store.record([.holds(.on("a"), upTo: 1)], now: .at(3))
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(12))

            #expect(try await store.allEvents(.test(1)).map(\.timestamp) == [.at(10), .at(10), .at(12), .at(12)])
            #expect(try await store.existingJob(1).startedAt == .at(12))
        }
    }

    @Test(arguments: StoreFactory.all)
    func `what an agent reports counts for its own run alone`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b", "c"])
            try await store.submit(1, ["a", "b"])

            let changed = try await store.record(
                [.report("c", .test(1), .ended(.well)), .report("b", .test(1), .ended(.well))],
                now: .at(1)
            )

            let page = try await store.runs(of: .test(1), state: nil, includingData: false, limit: 9, offset: 0)
            #expect(page?.items.map(\.state) == [.pending, .completed])
            #expect(changed.jobs[.test(1)]?.counts[.completed] == 1)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `thousands of reports in one transaction are counted once each`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            let hosts = (0..<1000).map { "h\(String(10_000 + $0))" }
            try await store.introduce(hosts)
            try await store.submit(1, hosts)

            let changed = try await store.record(
                hosts.map { .holds(.on($0), upTo: 1) } + hosts.map { .report($0, .test(1), .ended(.well)) },
                now: .at(1)
            )

            #expect(changed.jobs[.test(1)]?.counts[.completed] == 1000)
            let page = try await store.runs(of: .test(1), state: .completed, includingData: true, limit: 3, offset: 990)
            #expect(page?.total == 1000 && page?.items.map(\.hostname) == ["h10990", "h10991", "h10992"])
            #expect(try await store.timeline(of: .test(1), limit: 0, offset: 0)?.totalItems == 3001)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `the commonest error is told with how many hosts have it, also when one turns out otherwise`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            let hosts = ["a", "b", "c", "d", "e"]
            try await store.introduce(hosts)
            try await store.submit(1, hosts)
            func end(_ host: String, _ code: String) -> AgentUpdate {
                let error = RunError(code: code, message: "\(code) on \(host)")
                return .report(host, .test(1), .ended(RunOutcome(state: .failed, error: error)))
            }
            _ = try await store.record([end("a", "x"), end("b", "y")], now: .at(1))
            let open = try await store.existingJob(1)
            _ = try await store.record([.holds(.on("d"), upTo: 1), .holds(.on("e"), upTo: 1)], now: .at(2))
            _ = try await store.record([end("c", "y")], now: .at(3))
            _ = try await store.endSilent([.on("d"), .on("e")], now: .at(4))
            let failed = try await store.existingJob(1)

            // The two that were lost tell how they ended after all.
            _ = try await store.record([end("d", "x"), end("e", "x")], now: .at(5))
            let corrected = try await store.existingJob(1)

            #expect(open.error == nil)
            #expect(failed.error == JobError(code: "y", message: "y on b", agents: 2))
            #expect(corrected.error == JobError(code: "x", message: "x on a", agents: 3))
            try await expectConsistent(store)
        }
    }
}
