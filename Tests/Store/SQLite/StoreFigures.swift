// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Store
import Testing

/// Prints how quick the store is here; asserts nothing about it.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["BROKER_FIGURES"] != nil))
struct StoreFigures {
    @Test func `a job for 10,000 agents`() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore(path: directory.appending(path: "broker.db").path())
            let hosts = (0..<10_000).map { "host-\($0).example" }
            try await measure("introduce", hosts.count) { try await store.introduce(hosts) }
            try await measure("create", hosts.count) { try await store.submit(1, hosts) }
            try await measure("offer", hosts.count) {
                _ = try await store.offers(
                    for: hosts.map { OfferRequest(agentID: .on($0), held: 0) },
                    limit: 10,
                    now: .at(1)
                )
            }
            for batch in [10_000, 1000, 100] {
                if batch < 10_000 { try await store.submit(batch, hosts) }
                let number: UInt64 = batch == 10_000 ? 1 : batch == 1000 ? 2 : 3
                let job = batch == 10_000 ? 1 : batch
                try await measure("acknowledge, \(batch) a transaction", hosts.count) {
                    for start in stride(from: 0, to: hosts.count, by: batch) {
                        _ = try await store.record(
                            hosts[start..<start + batch].map { .holds(.on($0), upTo: number) },
                            now: .at(2)
                        )
                    }
                }
                try await measure("complete, \(batch) a transaction", hosts.count) {
                    for start in stride(from: 0, to: hosts.count, by: batch) {
                        _ = try await store.record(
                            hosts[start..<start + batch].map { .report($0, .test(job), .ended(.well)) },
                            now: .at(3)
                        )
                    }
                }
            }
            try await measure("poll that brings nothing new", hosts.count) {
                _ = try await store.record(hosts.map { .holds(.on($0), upTo: 3) }, now: .at(4))
            }
            try await measure("smallest commits, one after the other", 2000) {
                for _ in 0..<2000 { try await store.checkWritable() }
            }
            try await measure("list 50 runs at offset 9,950", 50) {
                _ = try await store.runs(of: .test(1), state: nil, includingData: true, limit: 50, offset: 9950)
            }
            try await store.close()
        }
    }

    @Test func `the runs of a job for 10,000 agents by their results`() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore(path: directory.appending(path: "broker.db").path())
            let hosts = (0..<10_000).map { "host-\($0).example" }
            try await store.introduce(hosts)
            func digest(_ number: Int) -> ResultDigest? {
                let word = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
                return ResultDigest(bytes: word + word + word + word)
            }
            let kinds: [(String, (Int) -> ResultDigest?)] = [
                ("one result", { _ in digest(1) }), ("ten results", { digest($0 % 10) }),
                ("10,000 results", { digest($0) }), ("no digests", { _ in nil }),
            ]
            let data: JSONValue = ["exit_code": 0, "stdout": .string(String(repeating: "x", count: 2000))]
            for (number, (name, result)) in kinds.enumerated() {
                let job = number + 1
                try await store.submit(job, hosts)
                let updates = hosts.enumerated().map { place, host in
                    let end = RunOutcome(state: .completed, changed: true, data: data, digest: result(place))
                    return AgentUpdate.report(host, .test(job), .ended(end))
                }
                try await measure("complete, \(name)", hosts.count) { _ = try await store.record(updates, now: .at(3)) }
                for _ in 0..<2 {
                    try await measure("groups, \(name)", hosts.count) {
                        _ = try await store.groups(of: .test(job), limit: 100, offset: 0)
                    }
                }
                let filters = [
                    ("digest", RunFilter(result: digest(1).map { .digest($0) })),
                    ("search", RunFilter(search: "HOST-999")), ("changed", RunFilter(change: .unchanged)),
                ]
                for (filter, value) in filters {
                    try await measure("runs by \(filter), \(name)", 100) {
                        let window = ListingWindow<String>(from: .offset(0), limit: 100)
                        _ = try await store.runs(of: .test(job), value, includingData: false, window)
                    }
                }
            }
            try await store.close()
        }
    }

    @Test func `a listing of 100,000 jobs`() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore(path: directory.appending(path: "broker.db").path())
            try await store.introduce(["a"])
            try await measure("create jobs for one agent", 100_000) {
                for number in 1...100_000 { try await store.submit(number, ["a"]) }
            }
            for offset in [0, 0, 50_000, 99_950] {
                try await measure("list 50 jobs at offset \(offset)", 50) {
                    _ = try await store.jobs(status: nil, limit: 50, offset: offset)
                }
                try await measure("list 50 submitted jobs at offset \(offset)", 50) {
                    _ = try await store.jobs(status: .submitted, limit: 50, offset: offset)
                }
            }
            try await store.close()
        }
    }

    private func measure(_ what: String, _ rows: Int, _ body: () async throws -> Void) async throws {
        let time = try await ContinuousClock().measure { try await body() }
        let seconds = Double(time.wholeMilliseconds) / 1000
        print("\(what): \(rows) rows in \(time) (\(seconds > 0 ? Int(Double(rows) / seconds) : 0) rows/s)")
    }
}
