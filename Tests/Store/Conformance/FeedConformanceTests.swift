// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// What every store gives those who watch all jobs.
@Suite(.timeLimit(.minutes(10)))
struct FeedConformanceTests {
    /// All of the feed after a place, in parts of `limit`.
    private func all(_ store: any JobStore, after number: Int64 = 0, limit: Int = 100) async throws -> [FeedEvent] {
        var events: [FeedEvent] = []
        while true {
            let part = try await store.feed(after: events.last?.number ?? number, limit: limit)
            events += part
            if part.count < limit { return events }
        }
    }

    @Test(arguments: StoreFactory.all)
    func `the lines of all jobs are in one row, each once, in whatever parts they are read`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            #expect(try await store.feedEnd() == 0)
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a", "b"])
            try await store.submit(2, ["a"])
            let middle = try await store.feedEnd()
            _ = try await store.record(
                [
                    .report("a", .test(1), .ended(.well)), .report("a", .test(2), .ended(.badly)),
                    .report("b", .test(1), .ended(.badly)),
                ],
                now: .at(1)
            )

            let events = try await all(store)
            #expect(events.map(\.number) == events.map(\.number).sorted())
            #expect(Set(events.map(\.number)).count == events.count)
            #expect(try await all(store, limit: 1) == events)
            #expect(try await all(store, after: middle) == events.filter { $0.number > middle })
            #expect(try await store.feedEnd() == events.last?.number)
            for job in [JobID.test(1), .test(2)] {
                #expect(events.filter { $0.jobID == job }.map(\.event) == (try await store.allEvents(job)))
            }
        }
    }

    @Test(arguments: StoreFactory.all)
    func `no place is given twice, also where the last lines have gone`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(1))
            let end = try await store.feedEnd()
            _ = try await store.delete(.test(1), audit: nil)
            #expect(try await all(store).isEmpty)
            while try await store.purge(limit: 100) {}

            #expect(try await store.feedEnd() == end)
            try await store.submit(2, ["a"])
            #expect(try await all(store, after: end).map(\.jobID) == [.test(2)])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `who waits is woken by the next commit, or by being cancelled`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            let version = store.version
            async let woken: Void = store.commits.wait(past: version)
            try await store.submit(1, ["a"])
            await woken
            #expect(store.version > version)
            await store.commits.wait(past: version)

            let now = store.version
            await withTaskGroup { group in
                for _ in 0..<50 { group.addTask { await store.commits.wait(past: now) } }
                group.cancelAll()
            }
        }
    }
}
