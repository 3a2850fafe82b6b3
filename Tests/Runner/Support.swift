// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Logging
import Operations
import Synchronization
import Testing

@testable import Runner

/// The time at which most tests take place.
let noon = Timestamp(milliseconds: 1_795_262_400_000)

/// An assignment with a job id of its own, made of the delivery.
func assignment(
    _ delivery: UInt64,
    attempt: Int = 1,
    type: String = "test",
    data: JSONValue = [:],
    startWithin: Duration = .seconds(60),
    policy: ExecutionPolicy = .once,
    submittedBy: String? = nil,
    trace: TraceContext? = nil
) -> Assignment {
    Assignment(
        jobID: JobID(high: 0xFFFF_0000_0000_7000, low: delivery),
        attempt: attempt,
        delivery: delivery,
        operation: OperationRequest(type: type, data: data),
        startWithin: startWithin,
        policy: policy,
        submittedBy: submittedBy,
        notBefore: noon,
        deadline: noon + startWithin,
        trace: trace
    )
}

/// The key of the run of ``assignment(_:attempt:type:data:startWithin:)``.
func key(_ delivery: UInt64, attempt: Int = 1) -> RunKey {
    RunKey(jobID: JobID(high: 0xFFFF_0000_0000_7000, low: delivery), attempt: attempt)
}

/// Calls `body` with the path of a new directory that is gone afterwards.
func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("broker-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: path) }
    return try await body(path.path)
}

/// Calls `body` with the path where a ledger may be made.
func withLedgerPath<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    try await withTemporaryDirectory { try await body($0 + "/ledger.sqlite") }
}

extension Ledger {
    /// Everything that is to be told.
    func allReports() throws -> [RunReport] {
        try pendingReports(limit: 10_000, maximumBytes: .max / 2)
    }
}

extension RunReport {
    /// The outcome that it tells of, without its digest; nil for a start.
    var outcome: RunOutcome? {
        guard case .ended(let outcome) = event else { return nil }
        return outcome.with(nil)
    }
}

/// An operation under the control of a test.
struct TestOperation: Operations.Operation {
    let type = "test"
    let canDryRun = true
    let body: @Sendable (JSONValue) async throws -> RunOutcome

    func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome {
        try await body(parameters)
    }
}

/// Counts what was begun and lets it end one after another; whoever waits goes on when the task is cancelled.
actor Gate {
    private(set) var begun: [Int64] = []
    private var opened = 0
    private var waiting: [AsyncStream<Void>.Continuation] = []
    private var watchers: [(count: Int, continuation: AsyncStream<Void>.Continuation)] = []

    /// Notes a beginning and waits until it is let through.
    func enter(_ number: Int64) async {
        note(number)
        guard opened == 0 else {
            opened -= 1
            return
        }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        waiting.append(continuation)
        for await _ in stream {}
    }

    /// Notes a beginning.
    func note(_ number: Int64) {
        begun.append(number)
        for watcher in watchers where watcher.count <= begun.count { watcher.continuation.finish() }
        watchers.removeAll { $0.count <= begun.count }
    }

    /// Lets the first of those that wait through, or else the next one to come.
    func open() {
        guard !waiting.isEmpty else {
            opened += 1
            return
        }
        waiting.removeFirst().finish()
    }

    /// Waits until so many have begun in all.
    func hasBegun(_ count: Int) async {
        guard begun.count < count else { return }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        watchers.append((count, continuation))
        for await _ in stream {}
    }
}

/// A time of day that a test sets.
final class TestTime: Sendable {
    private let now = Mutex(noon)

    /// Moves the time on.
    func advance(by duration: Duration) {
        now.withLock { $0 = $0 + duration }
    }

    /// The time.
    func read() -> Timestamp {
        now.withLock { $0 }
    }
}

/// Waits until `holder` has reports that satisfy `condition`, and answers them.
func reports(of holder: some RunHolder, until condition: ([RunReport]) -> Bool) async throws -> [RunReport] {
    for await _ in holder.reportSignals() {
        let reports = try await holder.pendingReports(after: 0, limit: 1000, maximumBytes: 1 << 20)
        if condition(reports) { return reports }
    }
    Issue.record("the signals ended")
    return []
}

extension Ledger {
    /// Takes runs in.
    func accept(_ assignments: [Assignment], storeID: String, now: Timestamp) throws(LedgerError) {
        try accept(assignments.map { Delivery.run($0) }, storeID: storeID, now: now)
    }

    /// Takes in what is believed.
    @discardableResult
    func accept(_ deliveries: [Delivery], storeID: String, now: Timestamp) throws(LedgerError) -> [RunToCancel] {
        try accept(deliveries.map { Arrival.accepted($0) }, storeID: storeID, now: now)
    }

    /// The next run at the time of most tests.
    func nextHeld() throws(LedgerError) -> HeldRun? {
        try nextHeld(now: Timestamp(milliseconds: 0))
    }
}

extension RunHolder {
    /// Takes runs in.
    func accept(_ assignments: [Assignment], storeID: String) async throws {
        try await accept(assignments.map { .accepted(.run($0)) }, storeID: storeID)
    }

    /// Takes in what came.
    func accept(_ arrivals: [Arrival], storeID: String) async throws {
        try await accept(arrivals, confirming: [], storeID: storeID)
    }
}
