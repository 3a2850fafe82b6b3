// SPDX-License-Identifier: Apache-2.0

import GRDB
import Synchronization
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(10)))
struct GroupWriterTests {
    private struct Refusal: Error {}

    /// What somebody does with the writer.
    private struct Work: Sendable {
        let perform: @Sendable (GroupWriter) async -> Void
    }

    /// Keeps the writer busy while `others` begin to wait, and answers how many commits there were after that.
    private func commits(
        _ queue: DatabaseQueue,
        whileBusy others: [Work]
    ) async throws -> Int {
        let commits = CommitCounter()
        queue.add(transactionObserver: commits)
        let writer = GroupWriter(queue, metrics: StoreMetrics())
        let gate = Gate()
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await writer.write { _ in
                    // The thread of the writer has to be kept: nothing else may get it.
                    while !gate.isOpen.load(ordering: .acquiring) {}
                }
            }
            for other in others {
                group.addTask {
                    gate.waiting.add(1, ordering: .relaxed)
                    await other.perform(writer)
                }
            }
            while gate.waiting.load(ordering: .relaxed) < others.count { await Task.yield() }
            // All have begun, and the last needs a moment to reach the queue.
            for _ in 0..<1000 { await Task.yield() }
            gate.isOpen.store(true, ordering: .releasing)
            try await group.waitForAll()
        }
        return commits.count
    }

    private func prepared() throws -> DatabaseQueue {
        let queue = try DatabaseQueue()
        try queue.write { try $0.execute(sql: "CREATE TABLE t (n INTEGER PRIMARY KEY CHECK (n < 1000))") }
        return queue
    }

    @Test func `what waits for the writer is committed together, and what fails fails alone`() async throws {
        let queue = try prepared()
        let outcomes = Mutex([Int: String]())
        let work: [Work] = (1...40).map { number in
            Work { writer in
                do {
                    let answer = try await writer.write { db in
                        try db.execute(sql: "INSERT INTO t VALUES (?)", arguments: [number])
                        if number % 10 == 0 { throw Refusal() }
                        // Breaks the rule of the table.
                        if number % 7 == 0 { try db.execute(sql: "INSERT INTO t VALUES (5000)") }
                        return number
                    }
                    outcomes.withLock { $0[number] = "\(answer)" }
                } catch {
                    outcomes.withLock { $0[number] = error is Refusal ? "refused" : "failed" }
                }
            }
        }

        let commits = try await commits(queue, whileBusy: work)

        let kept = try await queue.read { try Int.fetchAll($0, sql: "SELECT n FROM t ORDER BY n") }
        #expect(kept == (1...40).filter { $0 % 10 != 0 && $0 % 7 != 0 })
        for number in 1...40 {
            let expected = number % 10 == 0 ? "refused" : number % 7 == 0 ? "failed" : "\(number)"
            #expect(outcomes.withLock { $0[number] } == expected)
        }
        #expect(commits < 15, "forty pieces of work took \(commits) transactions")
    }

    @Test func `where there is no room for all, those are done for which there is`() async throws {
        let queue = try prepared()
        try await queue.write { try $0.execute(sql: "CREATE TABLE large (b BLOB); PRAGMA max_page_count = 40") }
        let done = Mutex<Set<Int>>([])
        let work: [Work] = (1...20).map { number in
            Work { writer in
                let isDone: Void? = try? await writer.write { db in
                    try db.execute(sql: "INSERT INTO t VALUES (?)", arguments: [number])
                    guard number % 5 == 0 else { return }
                    try db.execute(sql: "INSERT INTO large VALUES (zeroblob(1000000))")
                }
                if isDone != nil { done.withLock { _ = $0.insert(number) } }
            }
        }

        _ = try await commits(queue, whileBusy: work)

        let kept = try await queue.read { try Int.fetchAll($0, sql: "SELECT n FROM t ORDER BY n") }
        #expect(kept == (1...20).filter { $0 % 5 != 0 })
        #expect(done.withLock { $0 } == Set(kept))
    }
}

/// Keeps the writer until it is opened.
private final class Gate: Sendable {
    let isOpen = Atomic(false)
    let waiting = Atomic(0)
}

/// Counts the transactions that changed something.
private final class CommitCounter: TransactionObserver, Sendable {
    private let number = Atomic(0)

    var count: Int { number.load(ordering: .relaxed) }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { number.add(1, ordering: .relaxed) }
    func databaseDidRollback(_ db: Database) {}
}
