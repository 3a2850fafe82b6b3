// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Logging
import Operations
import Testing

@testable import Runner

/// Runs that come before it is known which plug-ins there are.
@Suite(.timeLimit(.minutes(10)))
struct RunnerPluginTests {
    @Test func `a run for a plug-in waits until that is known, others go on, and changes stay in their order`()
        async throws
    {
        try await withTemporaryDirectory { directory in
            let script = """
                #!/bin/sh
                [ "$1" = run ] && exec echo '{"changed": true}'
                echo '{"type": "acme.one", "kind": "modify", "summary": "s", "schema": {"type": "object"}}'

                """
            let place = directory + "/plugins"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
            try script.write(toFile: place + "/one", atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place + "/one")
            let time = TestTime()
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let context = OperationContext(logger: logger, now: { time.read() })
            let plugins = PluginDirectory(path: place, context: context)
            var configuration = Runner.Configuration()
            configuration.sweepInterval = .milliseconds(10)
            let works = TestOperation { _ in RunOutcome(state: .completed, changed: true) }
            let runner = Runner(
                ledger: try Ledger(path: directory + "/ledger.sqlite", now: time.read()),
                operations: OperationSet([works], plugins: plugins),
                context: context,
                configuration: configuration
            )
            var exclusive = ExecutionPolicy()
            exclusive.isExclusive = true
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await runner.run() }
                let runs = [
                    assignment(1, type: "acme.one", policy: exclusive), assignment(2, policy: exclusive), assignment(3),
                ]
                try await runner.accept(runs, storeID: "s")
                let early = try await reports(of: runner) { $0.contains { $0.outcome != nil } }
                #expect(Set(early.map(\.jobID)) == [key(3).jobID], "the one that neither waits nor changes anything")

                await plugins.refresh()
                let all = try await reports(of: runner) { $0.count == 6 }
                let starts = all.filter { $0.event == .started }.map(\.jobID)
                #expect(starts == [key(3).jobID, key(1).jobID, key(2).jobID])
                #expect(all.compactMap(\.outcome).map(\.state) == [.completed, .completed, .completed])
                group.cancelAll()
            }
        }
    }
}
