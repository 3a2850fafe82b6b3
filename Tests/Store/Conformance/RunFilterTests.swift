// SPDX-License-Identifier: Apache-2.0

import Jobs
import Randomness
import Store
import Testing

/// Every filter and page of the runs of a job against a reference that looks at all of them one by one.
struct RunFilterTests {
    private static let hosts = ["web-1", "WEB-2", "web-10", "db-1", "Db-2", "cache", "w%b", "w_b", "x", "web"]

    /// Whether a run fits, said a second time and in the plainest words.
    private static func fits(_ run: Run, _ filter: RunFilter) -> Bool {
        if let state = filter.state, run.state != state { return false }
        if let change = filter.change {
            let words: [Bool?: JobFilter.Change] = [true: .changed, false: .unchanged, nil: .unknown]
            if words[run.changed] != change { return false }
        }
        switch filter.result {
        case .digest(let digest) where run.digest != digest: return false
        case .unknown where run.digest != nil: return false
        default: break
        }
        return run.hostname.lowercased().hasPrefix((filter.search ?? "").lowercased())
    }

    /// Fills a store with jobs whose runs are in every condition.
    private static func fill(_ store: any JobStore, _ random: inout SeededGenerator) async throws {
        try await store.introduce(hosts)
        let ends: [RunOutcome] = [
            .well, .badly, RunOutcome(state: .completed, changed: false), RunOutcome(state: .skipped),
            RunOutcome(state: .timedOut, changed: true), RunOutcome(state: .failed, changed: false),
            RunOutcome(state: .completed, changed: true, digest: RunOutcome.badly.digest),
        ]
        for number in 1...4 {
            try await store.submit(number, hosts)
            var updates: [AgentUpdate] = []
            for host in hosts {
                switch Int.random(in: 0..<4, using: &random) {
                case 0: break
                case 1: updates.append(.report(host, .test(number), .started))
                default:
                    let end = ends.randomElement(using: &random) ?? .well
                    updates.append(.report(host, .test(number), .ended(end)))
                }
            }
            _ = try await store.record(updates, now: .at(1))
        }
    }

    private static func filter(_ random: inout SeededGenerator) -> RunFilter {
        func maybe() -> Bool { Bool.random(using: &random) }
        let beginnings = ["", "w", "W", "web-1", "WEB-", "d", "%", "w%", "w_", "web-1x", "é"]
        let results: [RunFilter.Result?] = [
            .unknown, RunOutcome.badly.digest.map { .digest($0) },
            ResultDigest(String(repeating: "0a", count: 32)).map { .digest($0) },
        ]
        return RunFilter(
            state: maybe() ? RunState.allCases.randomElement(using: &random) : nil,
            change: maybe() ? JobFilter.Change.allCases.randomElement(using: &random) : nil,
            search: maybe() ? beginnings.randomElement(using: &random) : nil,
            result: maybe() ? results.randomElement(using: &random) ?? nil : nil
        )
    }

    @Test(arguments: StoreFactory.all)
    func `any filter and any page are as a look at every run has it`(_ factory: StoreFactory) async throws {
        var random = SeededGenerator(seed: 7)
        try await factory.withStore { store in
            try await Self.fill(store, &random)
            for _ in 0..<400 {
                let id = JobID.test(Int.random(in: 1...4, using: &random))
                let filter = Self.filter(&random)
                let expected = try await store.allRuns(id).filter { Self.fits($0, filter) }.map(\.hostname)
                let limit = Int.random(in: 1...4, using: &random)
                let offset = Int.random(in: 0...expected.count, using: &random)
                func part(_ start: ListingWindow<String>.Start) async throws -> ListingPart<Run> {
                    let window = ListingWindow(from: start, limit: limit)
                    return try #require(try await store.runs(of: id, filter, includingData: false, window))
                }

                let page = try await part(.offset(offset))
                #expect(page.items.map(\.hostname) == Array(expected.dropFirst(offset).prefix(limit)), "\(filter)")
                #expect(page.total == expected.count, "\(filter)")
                #expect(page.hasMore == (expected.count > offset + limit), "\(filter)")

                var found: [String] = []
                var next = try await part(.offset(0))
                found += next.items.map(\.hostname)
                while next.hasMore, let last = next.items.last {
                    next = try await part(.after(last.hostname))
                    found += next.items.map(\.hostname)
                }
                #expect(found == expected, "\(filter)")
            }
        }
    }

    @Test(arguments: StoreFactory.all)
    func `the run on a host is found by its name, the exact one before one in other letters`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(["Web", "db"])
            try await store.submit(1, ["Web", "db"])
            _ = try await store.record([.report("Web", .test(1), .ended(.well))], now: .at(1))

            #expect(try await store.run(of: .test(1), on: "Web")?.data == ["exit_code": 0])
            #expect(try await store.run(of: .test(1), on: "wEB")?.hostname == "Web")
            #expect(try await store.run(of: .test(1), on: "db")?.data == nil)
            #expect(try await store.run(of: .test(1), on: "other") == nil)
            #expect(try await store.run(of: .test(2), on: "Web") == nil)
        }
    }
}
