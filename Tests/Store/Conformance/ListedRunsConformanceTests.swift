// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// What exports read: records alone, and the runs of many jobs.
struct ListedRunsConformanceTests {
    @Test(arguments: StoreFactory.all)
    func `runs come newest job first, with its operation and the exit code of a process`(
        _ factory: StoreFactory
    )
        async throws
    {
        try await factory.withStore { store in
            try await store.introduce(["a", "b", "c"])
            try await store.submit(1, ["a", "b"], now: .at(1))
            try await store.submit(2, ["a", "b", "c"], now: .at(2))
            let odd = RunOutcome(state: .completed, changed: false, data: ["exit_code": "0"])
            _ = try await store.record(
                [
                    .report("a", .test(1), .ended(.well)), .report("b", .test(1), .ended(.badly)),
                    .report("a", .test(2), .ended(odd)),
                    .report("b", .test(2), .ended(RunOutcome(state: .completed, data: ["lines": [1, 2]]))),
                ],
                now: .at(3)
            )

            let runs = try await store.listedRuns(JobQuery(), limit: 2)

            #expect(runs.map(\.run.jobID) == [.test(2), .test(2), .test(2), .test(1), .test(1)])
            #expect(runs.map(\.run.hostname) == ["a", "b", "c", "a", "b"])
            #expect(runs.map(\.exitCode) == [nil, nil, nil, 0, 3])
            #expect(runs.allSatisfy { $0.operation == "command.exec" && $0.run.data == nil })
            #expect(runs.map(\.createdAt) == [.at(2), .at(2), .at(2), .at(1), .at(1)])
            #expect(runs[4].run.error?.code == "non_zero_exit")
        }
    }

    @Test(arguments: StoreFactory.all)
    func `jobs that are deleted between two parts are left out, one that moves on is brought to its end`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            for number in 1...4 { try await store.submit(number, ["a", "b"]) }
            let query = JobQuery(JobFilter(status: .submitted))
            let first = try await store.runs(ofJobs: query, after: nil, limit: 1, maximumBytes: .max)
            let ends = [1, 4].flatMap { number in
                ["a", "b"].map { AgentUpdate.report($0, .test(number), .ended(.well)) }
            }
            _ = try await store.record(ends, now: .at(1))
            let second = try await store.runs(
                ofJobs: query,
                after: first.items.last?.place,
                limit: 2,
                maximumBytes: .max
            )
            // In mid-job, and with the job that the part ended in.
            _ = try await store.cancel(.test(3), NewCancel(requestedBy: nil), now: .at(2))
            let deletion = try await store.delete(.test(3), audit: nil)
            let third = try await store.runs(
                ofJobs: query,
                after: second.items.last?.place,
                limit: 9,
                maximumBytes: .max
            )

            #expect(deletion == .deleted)
            #expect(first.items.map(\.place) == [RunPlace(jobID: .test(4), hostname: "a")] && first.hasMore)
            #expect(
                second.items.map(\.place) == [
                    RunPlace(jobID: .test(4), hostname: "b"), RunPlace(jobID: .test(3), hostname: "a"),
                ]
            )
            #expect(third.items.map(\.run.jobID) == [.test(2), .test(2)] && !third.hasMore)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `records alone are as they are elsewhere, without what a single run told`(_ factory: StoreFactory) async throws
    {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a"])
            try await store.submit(2, ["a", "b"])
            _ = try await store.record([.report("a", .test(1), .ended(.badly))], now: .at(1))
            let window = ListingWindow<JobID>(from: .offset(0), limit: 1)

            let bare = try await store.jobs(JobQuery(isCounting: false, isBare: true), window)
            let rest = try await store.jobs(
                JobQuery(isCounting: false, isBare: true),
                ListingWindow(from: .after(.test(2)), limit: 9)
            )

            var single = try await store.existingJob(1)
            (single.hostname, single.result) = (nil, nil)
            let wide = try await store.existingJob(2)
            #expect(bare.items == [wide] && bare.hasMore)
            #expect(rest.items == [single] && !rest.hasMore && single.error?.code == "non_zero_exit")
            #expect(bare.total == nil && bare.statusCounts == nil)
        }
    }
}
