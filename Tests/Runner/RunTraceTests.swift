// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Operations
import Synchronization
import Testing

@testable import Runner

/// The trace that a job belongs to, as its run has it.
@Suite(.timeLimit(.minutes(10)))
struct RunTraceTests {
    /// Keeps what is logged of each run.
    private struct Recorder: LogHandler {
        final class Lines: Sendable {
            let all = Mutex<[Logger.Metadata]>([])
        }

        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard "\(event.message)".hasPrefix("run ") else { return }
            lines.all.withLock { $0.append(metadata.merging(event.metadata ?? [:]) { $1 }) }
        }
    }

    /// Tells of its environment.
    private struct TracedOperation: Operations.Operation {
        let type = "test"
        let canDryRun = true
        let see: @Sendable (String?) -> Void

        func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome {
            see(context.environment["TRACEPARENT"])
            return RunOutcome(state: .completed, changed: false)
        }
    }

    @Test func `a command finds the trace in its environment, and the lines of the log have it`() async throws {
        let trace = try #require(TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        let seen = Mutex<[String?]>([])
        let operation = TracedOperation { traceparent in seen.withLock { $0.append(traceparent) } }
        let lines = Recorder.Lines()
        try await withLedgerPath { path in
            let time = TestTime()
            let runner = Runner(
                ledger: try Ledger(path: path, now: time.read()),
                operations: OperationSet([operation]),
                context: OperationContext(
                    logger: Logger(label: "test") { _ in Recorder(lines: lines) },
                    now: { time.read() }
                )
            )
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await runner.run() }
                try await runner.accept([assignment(1, trace: trace)], storeID: "s")
                _ = try await reports(of: runner) { $0.count == 2 }
                try await runner.accept([assignment(2)], storeID: "s")
                _ = try await reports(of: runner) { $0.count == 4 }
                group.cancelAll()
            }
        }

        #expect(seen.withLock { $0 } == ["\(trace)", nil])
        let logged = lines.all.withLock { $0 }
        #expect(logged.map { $0["trace.id"] } == ["\(trace.traceID)", "\(trace.traceID)", nil, nil])
        #expect(logged.first?["trace.parent"] == "\(trace.parentID)")
        #expect(logged.allSatisfy { $0["job.id"] != nil })
    }
}
