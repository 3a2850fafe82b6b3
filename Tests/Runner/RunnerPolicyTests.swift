// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Operations
import Policy
import Synchronization
import Testing

@testable import Runner

/// Runs that the policy of the host forbids.
@Suite(.timeLimit(.minutes(10)))
struct RunnerPolicyTests {
    private func withRunner(
        _ operation: TestOperation,
        permit: @escaping @Sendable (HeldRun) -> PolicyDecision,
        _ body: @escaping @Sendable (Runner) async throws -> Void
    ) async throws {
        try await withLedgerPath { path in
            let time = TestTime()
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let runner = Runner(
                ledger: try Ledger(path: path, now: time.read()),
                operations: OperationSet([operation]),
                permit: permit,
                context: OperationContext(logger: logger, now: { time.read() })
            )
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await runner.run() }
                try await body(runner)
                group.cancelAll()
            }
        }
    }

    private let works = TestOperation { _ in RunOutcome(state: .completed, changed: true) }

    @Test func `a run that is forbidden fails without having begun, once, and those behind it go on`() async throws {
        var policy = ExecutionPolicy()
        policy.maxAttempts = 5
        let forbidden = assignment(1, policy: policy, submittedBy: "bob")
        try await withRunner(
            works,
            permit: { $0.submittedBy == "bob" ? .refused(because: "line 3: deny") : .allowed(by: nil) },
            { runner in
                try await runner.accept([forbidden, assignment(2, submittedBy: "ann")], storeID: "s")

                let all = try await reports(of: runner) { $0.count == 3 }

                #expect(
                    all.filter { $0.jobID == forbidden.jobID }.map(\.event)
                        == [.ended(Refusal.policy.outcome("line 3: deny").digested)]
                )
                #expect(all.filter { $0.jobID != forbidden.jobID }.map(\.event).first == .started)
            }
        )
    }

    @Test func `the policy is asked when a run begins, not when it comes, and for each attempt`() async throws {
        let asked = Mutex(0)
        var policy = ExecutionPolicy()
        policy.maxAttempts = 5
        let run = assignment(1, policy: policy)
        let fails = TestOperation { _ in RunOutcome(state: .failed, error: RunError(code: "x", message: "")) }
        try await withRunner(
            fails,
            permit: { _ in
                let count = asked.withLock { asked in
                    asked += 1
                    return asked
                }
                return count <= 2 ? .allowed(by: nil) : .refused(because: "changed meanwhile")
            },
            { runner in
                try await runner.accept([run], storeID: "s")

                let all = try await reports(of: runner) { $0.last?.outcome?.error?.code == "refused_by_policy" }

                #expect(all.map(\.attempt) == [1, 1, 2, 2, 3])
                #expect(asked.withLock { $0 } == 3)
            }
        )
    }
}
