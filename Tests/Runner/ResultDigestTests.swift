// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Runner

/// What stands for a result, by the vectors of docs/wire-protocol.md and by what counts.
struct ResultDigestTests {
    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    private static func command(
        stdout: String = "out\n",
        sha256: String = "54034ac5c6e9ea95734ec2b729fd6d62abf64af34a9f9ce5d466cb788191a73d",
        exit code: JSONValue = 0,
        took milliseconds: Int64 = 12,
        encoding: String = "utf-8"
    ) -> JSONValue {
        [
            "duration_ms": .int(milliseconds), "exit_code": code, "signal": nil, "stdout": .string(stdout),
            "stdout_encoding": .string(encoding), "stdout_bytes": 4, "stdout_sha256": .string(sha256),
            "stdout_truncated": false, "stderr": "", "stderr_encoding": "utf-8", "stderr_bytes": 0,
            "stderr_sha256": .string(empty), "stderr_truncated": false,
        ]
    }

    private func digest(_ outcome: RunOutcome) -> String? { outcome.digested.digest?.description }

    private static let vectors: [(RunOutcome, String)] = [
        (
            RunOutcome(state: .completed, changed: true, data: command()),
            "1d58a9b529e2e1471f695c71e47e017739905bede82536cb4f612010146e2a86"
        ),
        (
            RunOutcome(
                state: .failed,
                error: RunError(code: "non_zero_exit", message: "exit code 3: no table"),
                data: [
                    "duration_ms": 3, "exit_code": 3, "signal": nil, "stdout": "", "stdout_encoding": "utf-8",
                    "stdout_bytes": 0, "stdout_sha256": .string(empty), "stdout_truncated": false,
                    "stderr": "no table\n", "stderr_encoding": "utf-8", "stderr_bytes": 9, "stderr_truncated": false,
                    "stderr_sha256": "d4e136602db510eabcc72349151b23033feb90a1f2a250ec45d670b5b6142d78",
                ]
            ),
            "98dd80bdaf5353a8c5f13c256d0c8e055c58a20a5861b24c1cf3851603f213ce"
        ),
        (
            RunOutcome(
                state: .completed,
                changed: false,
                data: ["pong": true, "agent_time": "2026-11-21T08:30:00.125Z"]
            ),
            "55320a8bc53522e87b796d8088ee7c6cc0e0867c581230257fd7c1a3e1639bdd"
        ),
        (
            RunOutcome(
                state: .failed,
                changed: false,
                error: RunError(code: "unknown_operation", message: "this agent has no operation 'x'")
            ),
            "469787764fe4a23d8ac004f8f4694a015f67d01c3b31b034d9b0c99b2f8e20e6"
        ),
    ]

    @Test func `the digests are those of the documentation`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/wire-protocol.md"), encoding: .utf8)
        for (outcome, expected) in Self.vectors {
            #expect(digest(outcome) == expected)
            #expect(page.contains(expected), "\(expected) is not documented")
        }
    }

    @Test func `what differs without meaning makes no other digest`() {
        let one = digest(RunOutcome(state: .completed, changed: true, data: Self.command()))
        let others = [
            RunOutcome(state: .completed, changed: true, data: Self.command(took: 99)),
            // The same output, of which less is kept.
            RunOutcome(state: .completed, changed: true, data: Self.command(stdout: "o…", encoding: "base64")),
            RunOutcome(state: .completed, changed: true, data: Self.command()).digested.with(nil),
        ]

        for other in others { #expect(digest(other) == one) }
    }

    @Test func `what means something makes another digest`() {
        let error = { RunError(code: $0, message: "same") }
        let hash = String(repeating: "0a", count: 32)
        let different = [
            RunOutcome(state: .completed, changed: true, data: Self.command()),
            RunOutcome(state: .completed, changed: false, data: Self.command()),
            RunOutcome(state: .completed, data: Self.command()),
            RunOutcome(state: .failed, changed: true, error: error("a"), data: Self.command()),
            RunOutcome(state: .failed, changed: true, error: error("b"), data: Self.command()),
            RunOutcome(state: .timedOut, changed: true, error: error("a"), data: Self.command()),
            RunOutcome(state: .completed, changed: true, data: Self.command(exit: 1)),
            // Of what is shown nothing differs: what was left out does.
            RunOutcome(state: .completed, changed: true, data: Self.command(sha256: hash)),
            RunOutcome(state: .completed, changed: true), RunOutcome(state: .completed, changed: true, data: []),
            RunOutcome(state: .completed, changed: true, data: ["stdout": "without a hash"]),
            RunOutcome(state: .completed, changed: true, data: ["stdout": "without its hash"]),
        ]

        #expect(Set(different.map(digest)).count == different.count)
        #expect(different.allSatisfy { digest($0) != nil })
    }

    @Test func `a digest that an outcome has stays, and data that cannot be written has none`() throws {
        let own = try #require(ResultDigest(bytes: Array(repeating: 1, count: 32)))

        #expect(RunOutcome(state: .completed, digest: own).digested.digest == own)
        #expect(RunOutcome(state: .completed, data: ["x": .double(.infinity)]).digested.digest == nil)
    }

    @Test func `a report has its digest also after a restart, and that of an older ledger has none`() async throws {
        try await withLedgerPath { path in
            let outcome = RunOutcome(state: .completed, changed: true, data: Self.command())
            do {
                let ledger = try Ledger(path: path, now: noon)
                try ledger.accept([assignment(1), assignment(2)], storeID: "s", now: noon)
                for number in 1...2 as ClosedRange<UInt64> {
                    #expect(try ledger.begin(key(number)))
                    try ledger.finish(key(number), with: outcome, now: noon)
                }
                try ledger.use { (database) throws(LedgerError) in
                    try database.run("UPDATE runs SET digest = NULL WHERE position = 2")
                }
            }

            let ledger = try Ledger(path: path, now: noon)

            let ends = try ledger.allReports().map(\.event).filter { $0 != .started }
            #expect(ends == [.ended(outcome.digested), .ended(outcome)])
        }
    }
}
