// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// What every store does with jobs: committing, reading, listing.
struct JobConformanceTests {
    @Test(arguments: StoreFactory.all)
    func `a committed job has its frozen set pending and a submitted line`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["web2", "web1"])

            let created = try await store.submit(1, ["web2", "web1"], data: ["argv": ["echo", "a/b"]])

            #expect(created.deliveries == [.on("web1"): 1, .on("web2"): 1])
            #expect(try await store.job(.test(1)) == created.job)
            #expect(created.job.status == .submitted)
            #expect(created.job.operation.data == ["argv": ["echo", "a/b"]])
            #expect(created.job.createdBy == "tester" && created.job.note == "number 1")
            #expect(created.job.agentCounts == RunCounts(pending: 2) && created.job.changed == nil)
            #expect(try await store.allRuns(.test(1)).map(\.hostname) == ["web1", "web2"])
            let events = try await store.allEvents(.test(1))
            #expect(
                events == [
                    TimelineEvent(timestamp: .at(0), event: .submitted, message: "command.exec for 2 agents")
                ]
            )
            try await expectConsistent(store, frozen: [.test(1): 2])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `deliveries of an agent are numbered on from job to job`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a"])

            let created = try await store.submit(2, ["a", "b"])

            #expect(created.deliveries == [.on("a"): 2, .on("b"): 1])
            let last = try await store.agents().map(\.lastDelivery)
            #expect(last == [2, 1])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a job for an unknown agent or with a known id is not kept`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])

            await #expect(throws: StoreError.self) { try await store.submit(2, ["a", "stranger"]) }
            await #expect(throws: StoreError.self) { try await store.submit(1, ["a"]) }

            #expect(try await store.job(.test(2)) == nil)
            #expect(try await store.submit(3, ["a"]).deliveries == [.on("a"): 2], "no number was used up")
            try await expectConsistent(store, frozen: [.test(1): 1, .test(3): 1])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `what there is not is nil, not an error`(_ factory: StoreFactory) async throws {
        try await factory.withStore { (store) async throws in
            #expect(try await store.job(.test(1)) == nil)
            #expect(try await store.timeline(of: .test(1), limit: 10, offset: 0) == nil)
            #expect(try await store.runs(of: .test(1), state: nil, includingData: true, limit: 10, offset: 0) == nil)
            #expect(try await store.jobs(status: nil, limit: 10, offset: 0).items.isEmpty)
            #expect(try await store.statusCounts().values.allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: StoreFactory.all)
    func `the sets of jobs are told, and are those of now`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b", "c"])
            try await store.submit(1, ["c", "a"])
            try await store.submit(2, ["b"], awaitsGo: true)

            #expect(
                try await store.frozenSets(of: [.test(1), .test(2), .test(9)])
                    == [.test(1): [.on("a"), .on("c")], .test(2): [.on("b")]]
            )
            _ = try await store.reassign(.test(2), from: .on("b"), to: (.on("c"), "c"), now: .at(1))
            #expect(try await store.frozenSets(of: [.test(2)]) == [.test(2): [.on("c")]])
            #expect(try await store.frozenSets(of: []).isEmpty)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `an offer says who submitted the job, and between which times it counts`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            let job = try await store.submit(1, ["a"]).job

            let offer = try #require(try await store.offer("a", held: 0, now: .at(5)).first)

            #expect(offer.submittedBy == "tester")
            #expect(offer.notBefore == job.createdAt)
            #expect(offer.deadline == job.deadlineAt)
            #expect(offer.startWithin == job.deadlineAt - .at(5))
        }
    }

    @Test(arguments: StoreFactory.all)
    func `listings are cut by limit and offset and tell the whole`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            let hosts = (1...5).map { "h\($0)" }
            try await store.introduce(hosts)
            for number in [3, 1, 5, 2, 4] { try await store.submit(number, hosts) }
            _ = try await store.record([.report("h2", .test(4), .ended(.well))], now: .at(1))

            let middle = try await store.jobs(status: nil, limit: 2, offset: 1)
            let submitted = try await store.jobs(status: .submitted, limit: 2, offset: 1)
            let beyond = try await store.jobs(status: nil, limit: 2, offset: 9)
            let runs = try await store.runs(of: .test(4), state: .pending, includingData: false, limit: 2, offset: 2)
            let lines = try await store.timeline(of: .test(4), limit: 2, offset: 1)

            #expect(middle.items.map(\.id) == [.test(4), .test(3)] && middle.total == 5 && middle.hasMore)
            #expect(middle.statusCounts?.filter { $0.value > 0 } == [.submitted: 4, .processing: 1])
            #expect(submitted.items.map(\.id) == [.test(3), .test(2)] && submitted.total == 4)
            #expect(beyond.items.isEmpty && beyond.total == 5 && !beyond.hasMore)
            #expect(runs?.items.map(\.hostname) == ["h4", "h5"] && runs?.total == 4)
            #expect(lines?.items.map(\.event) == [.acknowledged, .started] && lines?.totalItems == 4)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `listings go on after a key, whether its item is there or not`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            let hosts = (1...5).map { "h\($0)" }
            try await store.introduce(hosts)
            for number in [1, 3, 5, 7] { try await store.submit(number, hosts) }
            _ = try await store.record([.report("h2", .test(3), .ended(.well))], now: .at(1))

            let after5 = try await store.jobs(JobQuery(), ListingWindow(from: .after(.test(5)), limit: 1))
            let after4 = try await store.jobs(
                JobQuery(JobFilter(status: .submitted)),
                ListingWindow(from: .after(.test(4)), limit: 9)
            )
            let afterAll = try await store.jobs(JobQuery(), ListingWindow(from: .after(.test(1)), limit: 9))
            let runs = try await store.runs(
                of: .test(3),
                RunFilter(state: .pending),
                includingData: true,
                ListingWindow(from: .after("h15"), limit: 2)
            )

            #expect(after5.items.map(\.id) == [.test(3)] && after5.hasMore && after5.total == 4)
            #expect(after4.items.map(\.id) == [.test(1)] && !after4.hasMore && after4.total == 3)
            #expect(afterAll.items.isEmpty && !afterAll.hasMore)
            #expect(runs?.items.map(\.hostname) == ["h3", "h4"] && runs?.hasMore == true && runs?.total == 4)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a part ends before its texts are too large, but never without an item`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b", "c"])
            try await store.submit(1, ["a", "b", "c"])
            let text = JSONValue.string(String(repeating: "x", count: 1000))
            let outcome = RunOutcome(state: .completed, data: text)
            _ = try await store.record(["a", "b", "c"].map { .report($0, .test(1), .ended(outcome)) }, now: .at(1))
            let part = { (bytes: Int) in
                let window = ListingWindow<String>(from: .offset(0), limit: 9, maximumBytes: bytes)
                return try await store.runs(of: .test(1), RunFilter(), includingData: true, window)
            }

            let (one, two, all) = (try await part(1), try await part(2500), try await part(3500))

            #expect(one?.items.count == 1 && one?.hasMore == true)
            #expect(two?.items.count == 2 && two?.hasMore == true)
            #expect(all?.items.count == 3 && all?.hasMore == false)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a run is offered with its commit, but for agents with a gap before it or a drain`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            let hosts = ["ready", "offered", "gap", "drained", "away"]
            try await store.introduce(hosts)
            let drain = AgentDrain(since: .at(0), by: nil, reason: nil)
            _ = try await store.setDrain(drain, of: .on("drained"), audit: nil, now: .at(0))
            try await store.submit(1, ["gap"])
            try await store.submit(2, ["offered"], offerNow: ["offered"])

            let created = try await store.submit(3, hosts, offerNow: ["ready", "offered", "gap", "drained"])

            #expect(created.offered == [.on("ready"): 1, .on("offered"): 2])
            #expect(created.deliveries.count == 5 && created.deliveries[.on("gap")] == 2)
            #expect(try await store.offer("gap", held: 0).map(\.delivery) == [1, 2])
            #expect(try await store.offer("drained", held: 0).isEmpty)
            try await expectConsistent(store)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `the version rises with each change, before it is told of`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            let before = store.version
            try await store.introduce(["a"])
            let between = store.version
            _ = try await store.jobs(limit: 9)
            let afterReading = store.version
            try await store.submit(1, ["a"])

            #expect(before < between && between == afterReading && afterReading < store.version)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `submissions and reports at the same time leave nothing out`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            let hosts = (1...4).map { "h\($0)" }
            try await store.introduce(hosts)

            try await withThrowingDiscardingTaskGroup { group in
                for number in 1...20 {
                    group.addTask {
                        try await store.submit(number, hosts)
                        for host in hosts {
                            _ = try await store.record([.report(host, .test(number), .ended(.well))], now: .at(1))
                        }
                    }
                    group.addTask { _ = try await store.jobs(status: nil, limit: 50, offset: 0) }
                }
            }

            let jobs = try await expectConsistent(store)
            #expect(jobs.count == 20 && jobs.values.allSatisfy { $0.status == .completed })
            #expect(try await store.agents().allSatisfy { $0.lastDelivery == 20 })
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a cancelled submission is not kept`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])

            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup { group in
                    group.addTask { _ = try await store.submit(1, ["a"]) }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }

            #expect(try await store.job(.test(1)) == nil)
            try await store.submit(2, ["a"])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a store takes writes until it is closed`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.checkWritable()

            try await store.close()

            await #expect(throws: StoreError.self) { try await store.checkWritable() }
            await #expect(throws: StoreError.self) { try await store.submit(1, ["a"]) }
            await #expect(throws: StoreError.self) { try await store.jobs(status: nil, limit: 1, offset: 0) }
        }
    }
}
