// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Store
import Testing

/// What every store makes of jobs that are deleted, and of clocks that are set.
struct DeletionConformanceTests {
    @Test(arguments: StoreFactory.all)
    func `a deleted job is out of listings and counts at once, and its rows go in steps`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a", "b"])
            try await store.submit(1, ["a", "b"])
            try await store.submit(2, ["a"])
            guard case .notFinished = try await store.delete(.test(1), audit: nil) else {
                Issue.record("an open job was deleted")
                return
            }
            _ = try await store.record(
                [.report("a", .test(1), .ended(.well)), .report("b", .test(1), .ended(.badly))],
                now: .at(1)
            )

            guard case .deleted = try await store.delete(.test(1), audit: nil),
                case .noSuchJob = try await store.delete(.test(1), audit: nil)
            else {
                Issue.record("not deleted, or twice")
                return
            }

            #expect(try await store.job(.test(1)) == nil)
            #expect(try await store.runs(of: .test(1), state: nil, includingData: true, limit: 9, offset: 0) == nil)
            #expect(try await store.timeline(of: .test(1), limit: 9, offset: 0) == nil)
            try await expectConsistent(store, frozen: [.test(2): 1])
            var steps = 1
            while try await store.purge(limit: 2) {
                steps += 1
                try await expectConsistent(store, frozen: [.test(2): 1])
            }
            #expect(steps > 4)
            // A late truth about it changes nothing.
            let late = try await store.record([.report("a", .test(1), .ended(.badly))], now: .at(9))
            #expect(late.jobs.isEmpty)
            try await expectConsistent(store, frozen: [.test(2): 1])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `the key of a deleted job is remembered, so that it is not executed anew`(_ factory: StoreFactory) async throws
    {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            let key = IdempotencyKey(owner: "ann", text: "k", fingerprint: "f")
            _ = try await store.create(
                NewJob(
                    id: .test(1),
                    request: JobRequest(operation: OperationRequest(type: "ping"), target: "a"),
                    agents: [(id: .on("a"), hostname: "a")],
                    offerNow: [],
                    createdAt: .at(0),
                    deadlineAt: .at(60),
                    hardEndAt: .at(90),
                    createdBy: "ann",
                    idempotencyKey: key
                )
            )
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(1))
            _ = try await store.delete(.test(1), audit: nil)
            while try await store.purge(limit: 100) {}

            guard case .deleted = try await store.earlierSubmission(key, now: .at(2)) else {
                Issue.record("the key was forgotten")
                return
            }
        }
    }

    @Test(arguments: StoreFactory.all)
    func `history that is too old goes, and what is open stays`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            for number in 1...4 { try await store.submit(number, ["a"]) }
            for number in 1...3 {
                _ = try await store.record([.report("a", .test(number), .ended(.well))], now: .at(number * 10))
            }
            var retention = Retention()
            retention.maximumAge = .seconds(100)

            #expect(try await store.deleteHistory(retention, limit: 9, now: .at(110)) == 0)
            #expect(try await store.deleteHistory(retention, limit: 1, now: .at(125)) == 1)
            #expect(try await store.deleteHistory(retention, limit: 9, now: .at(125)) == 1)
            try await expectConsistent(store, frozen: [.test(3): 1, .test(4): 1])
            #expect(try await store.deleteHistory(retention, limit: 9, now: .at(99_999)) == 1)
            try await expectConsistent(store, frozen: [.test(4): 1])
            let access = try #require(store as? any AccessStore)
            let lines = try await access.audit(.oldest, beyond: nil, limit: 9).items.map(\.entry)
            #expect(lines.map(\.action) == ["deleteHistory", "deleteHistory", "deleteHistory"])
            #expect(lines[0].detail == "1 of the oldest jobs")
        }
    }

    @Test(arguments: StoreFactory.all)
    func `of too many jobs those go that ended first`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            for number in 1...5 { try await store.submit(number, ["a"]) }
            for (time, number) in [3, 1, 2].enumerated() {
                _ = try await store.record([.report("a", .test(number), .ended(.well))], now: .at(time + 1))
            }
            var retention = Retention()
            retention.maximumJobs = 3

            #expect(try await store.deleteHistory(retention, limit: 9, now: .at(9)) == 2)
            try await expectConsistent(store, frozen: [.test(2): 1, .test(4): 1, .test(5): 1])
            retention.maximumJobs = 1
            #expect(try await store.deleteHistory(retention, limit: 9, now: .at(9)) == 1)
            try await expectConsistent(store, frozen: [.test(4): 1, .test(5): 1])
        }
    }

    @Test(arguments: StoreFactory.all)
    func `of too many bytes as much goes as has to`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            let large = JSONValue.string(String(repeating: "x", count: 50_000))
            for number in 1...60 {
                try await store.submit(number, ["a"], data: ["argv": [large]])
                _ = try await store.record([.report("a", .test(number), .ended(.well))], now: .at(number))
            }
            var retention = Retention()
            retention.maximumBytes = 2_000_000

            while try await store.deleteHistory(retention, limit: 100, now: .at(99)) > 0 {
                while try await store.purge(limit: 100) {}
            }

            let left = try await store.jobs(status: nil, limit: 100, offset: 0).total ?? 0
            #expect((1..<45).contains(left), "\(left)")
            #expect(try await store.existingJob(60).status == .completed)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `a wall clock that was set takes open deadlines along`(_ factory: StoreFactory) async throws {
        try await factory.withStore { store in
            try await store.introduce(["a"])
            try await store.submit(1, ["a"])
            #expect(try await store.adopt(ClockAnchor(bootID: "one", offset: 1_000_000)) == .zero)

            #expect(try await store.adopt(ClockAnchor(bootID: "one", offset: 1_000_000 - 7_200_000)) == .seconds(-7200))
            #expect(try await store.existingJob(1).deadlineAt == .at(60 - 7200))
            #expect(try await store.endOverdue(lease: .seconds(9), limit: 9, now: .at(59 - 7200)).changed.isEmpty)
            #expect(try await store.endOverdue(lease: .seconds(9), limit: 9, now: .at(60 - 7200)).changed.count == 1)

            #expect(try await store.adopt(ClockAnchor(bootID: "two", offset: 5)) == .zero, "another boot tells nothing")
        }
    }
}
