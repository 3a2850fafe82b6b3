// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Store
import Testing

/// A store whose process dies in the middle of its work.
struct CrashTests {
    @Test func `what was committed before a kill is there after it, and nothing in halves`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory.appending(path: "broker.db").path()
            let log = directory.appending(path: "committed").path()

            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, log = log as String] in
                try await workUntilKilled(path: path, log: log)
            }

            let committed = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").compactMap {
                Int($0)
            }
            let store = try SQLiteStore(path: path)
            let jobs = try await expectConsistent(store)
            #expect(committed.count >= 20)
            for number in committed { #expect(jobs[.test(number)]?.agentsTotal == 5, "job \(number) is gone") }
            let next = try await store.submit(100_000, ["h0"])
            #expect(next.deliveries[.on("h0")] ?? 0 > UInt64(committed.count))
            try await store.close()
        }
    }
}

/// Commits jobs and reports, notes each committed job, and kills its own process while others are on their way.
private func workUntilKilled(path: String, log: String) async throws {
    let hosts = (0..<5).map { "h\($0)" }
    let store = try SQLiteStore(path: path)
    try await store.introduce(hosts)
    let file = open(log, O_CREAT | O_WRONLY | O_APPEND, 0o600)
    try await withThrowingDiscardingTaskGroup { group in
        for worker in 0..<3 {
            group.addTask {
                var number = worker
                while true {
                    number += 3
                    try await store.submit(number, hosts)
                    let line = Array("\(number)\n".utf8)
                    _ = write(file, line, line.count)
                    if number > 60 { kill(getpid(), SIGKILL) }
                    _ = try await store.record(
                        hosts.map { .report($0, .test(number), .ended(.well)) },
                        now: .at(number)
                    )
                }
            }
        }
    }
}
