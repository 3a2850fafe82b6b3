// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Store
import Testing

/// Runs by their results.
struct GroupConformanceTests {
    private static func digest(_ number: UInt8) -> ResultDigest? {
        ResultDigest(bytes: Array(repeating: number, count: ResultDigest.size))
    }

    private static let hosts = (0..<12).map { "h\($0 + 10)" }

    @Test(arguments: StoreFactory.all)
    func `what is the same is one group, the rarest first, and what did not do well before the rest`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            let (well, odd) = (Self.digest(1), Self.digest(2))
            try await store.introduce(Self.hosts)
            try await store.submit(1, Self.hosts)
            let same = RunOutcome(
                state: .completed,
                changed: true,
                data: ["exit_code": 0, "stdout": "same\n"],
                digest: well
            )
            let other = RunOutcome(
                state: .completed,
                changed: true,
                data: ["exit_code": 0, "stdout": "odd"],
                digest: odd
            )
            let failed = RunOutcome(
                state: .failed,
                error: RunError(code: "non_zero_exit", message: "exit code 3: bad"),
                data: ["exit_code": 3, "stdout": "out", "stderr": "bad\n"],
                digest: Self.digest(3)
            )
            var updates = Self.hosts[3...].map { AgentUpdate.report($0, .test(1), .ended(same)) }
            updates.append(.report("h10", .test(1), .ended(other)))
            updates.append(.report("h11", .test(1), .ended(failed)))
            _ = try await store.record(updates, now: .at(1))

            let page = try #require(try await store.groups(of: .test(1), limit: 100, offset: 0))

            #expect(page.totalItems == 4)
            #expect(page.items.map(\.count) == [1, 1, 1, 9])
            #expect(page.items.map(\.status) == [.failed, .pending, .completed, .completed])
            #expect(page.items.map(\.exitCode) == [3, nil, 0, 0])
            #expect(page.items.map(\.changed) == [nil, nil, true, true])
            #expect(page.items.map(\.digest) == [Self.digest(3), nil, odd, well])
            #expect(page.items.map(\.errorCode) == ["non_zero_exit", nil, nil, nil])
            #expect(page.items.map(\.excerpt) == ["bad\n", nil, "odd", "same\n"])
            #expect(page.items.map(\.sampleHostnames) == [["h11"], ["h12"], ["h10"], Array(Self.hosts[3..<8])])
            let second = try #require(try await store.groups(of: .test(1), limit: 2, offset: 1))
            #expect(second.items == Array(page.items[1...2]) && second.totalItems == 4)
            let listed = try await store.runs(
                of: .test(1),
                RunFilter(result: odd.map { .digest($0) }),
                includingData: false,
                ListingWindow(from: .offset(0), limit: 9)
            )
            #expect(listed?.items.map(\.hostname) == ["h10"] && listed?.total == 1)
            #expect(try await store.groups(of: .test(9), limit: 9, offset: 0) == nil)
        }
    }

    @Test(arguments: StoreFactory.all)
    func `without digests runs are together by state, change and error, and nothing is claimed of their exit codes`(
        _ factory: StoreFactory
    ) async throws {
        try await factory.withStore { store in
            try await store.introduce(Self.hosts)
            try await store.submit(1, Self.hosts)
            let ends = [
                RunOutcome(state: .failed, error: RunError(code: "a", message: "one"), data: ["exit_code": 1]),
                RunOutcome(state: .failed, error: RunError(code: "a", message: "two"), data: ["exit_code": 2]),
                RunOutcome(state: .failed, changed: true, error: RunError(code: "a", message: "three")),
                RunOutcome(state: .failed, error: RunError(code: "b", message: "four")),
            ]
            let updates = zip(Self.hosts, ends).map { AgentUpdate.report($0, .test(1), .ended($1)) }
            _ = try await store.record(updates, now: .at(1))

            let groups = try #require(try await store.groups(of: .test(1), limit: 100, offset: 0)).items

            #expect(groups.map(\.count) == [1, 1, 2, 8])
            #expect(groups.map(\.excerpt) == ["three", "four", "one", nil])
            #expect(groups.allSatisfy { $0.digest == nil && $0.exitCode == nil })
            let untold = RunFilter(state: .failed, change: .unknown, result: .unknown)
            let window = ListingWindow<String>(from: .offset(0), limit: 9)
            let listed = try await store.runs(of: .test(1), untold, includingData: false, window)
            #expect(listed?.items.map(\.hostname) == ["h10", "h11", "h13"] && listed?.total == 3)
        }
    }

    @Test(
        arguments: [
            (["stdout": "", "stderr": "warning"], "warning"), (["stdout": "", "stderr": ""], nil),
            (["stdout": .string(String(repeating: "é", count: 200))], String(repeating: "é", count: 128)),
            (["stdout": "/wBhYg==", "stdout_encoding": "base64"], "\u{FFFD}\0ab"),
            (["stdout": "no base64!", "stdout_encoding": "base64"], "no base64!"), (["pong": true], #"{"pong":true}"#),
            ("text", #""text""#), (["stdout": ["a": 1], "exit_code": "odd"], #"{"exit_code":"odd","stdout":{"a":1}}"#),
            (["stdout": .string(String(repeating: "x", count: 100_000))], String(repeating: "x", count: 256)),
            (
                [
                    "stdout": .string(Data(repeating: 0x61, count: 5000).base64EncodedString()),
                    "stdout_encoding": "base64",
                ], String(repeating: "a", count: 256)
            ),
        ] as [(JSONValue, String?)]
    )
    func `an excerpt is the beginning of what was told, whatever that is`(
        data: JSONValue,
        excerpt: String?
    ) async throws {
        let store = try SQLiteStore.inMemory()
        try await store.introduce(["a"])
        try await store.submit(1, ["a"])
        let outcome = RunOutcome(state: .completed, data: data, digest: Self.digest(1))
        _ = try await store.record([.report("a", .test(1), .ended(outcome))], now: .at(1))

        let group = try #require(try await store.groups(of: .test(1), limit: 1, offset: 0)?.items.first)

        #expect(group.excerpt == excerpt)
        #expect(group.exitCode == nil)
        try await store.close()
    }

    @Test func `a lost run whose agent comes back is in the group of its result`() async throws {
        let store = try SQLiteStore.inMemory()
        try await store.introduce(["a", "b"])
        try await store.submit(1, ["a", "b"], offerNow: ["a", "b"])
        let end = RunOutcome(state: .completed, changed: true, digest: Self.digest(1))
        _ = try await store.record(
            [.report("a", .test(1), .ended(end)), .report("b", .test(1), .started)],
            now: .at(1)
        )
        _ = try await store.endSilent([.on("b")], now: .at(2))
        let before = try await store.groups(of: .test(1), limit: 9, offset: 0)?.items.map(\.status)

        _ = try await store.record([.report("b", .test(1), .ended(end))], now: .at(3))

        #expect(before == [.lost, .completed])
        #expect(try await store.groups(of: .test(1), limit: 9, offset: 0)?.items.map(\.count) == [2])
        try await store.close()
    }
}
