// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct ExecutionPolicyTests {
    private func outcome(_ state: RunState, _ code: String = "non_zero_exit") -> RunOutcome {
        RunOutcome(state: state, error: state == .completed ? nil : RunError(code: code, message: ""))
    }

    private func policy(attempts: Int, backoff: Duration = .zero) -> ExecutionPolicy {
        var policy = ExecutionPolicy()
        policy.maxAttempts = attempts
        policy.backoff = backoff
        return policy
    }

    @Test func `without a policy there is one attempt`() {
        #expect(ExecutionPolicy.once.pause(after: 1, endedWith: outcome(.failed)) == nil)
        #expect(ExecutionPolicy.once.pause(after: 1, endedWith: outcome(.failed, "interrupted")) == nil)
    }

    @Test func `pauses double from one attempt to the next, up to an hour`() {
        let policy = policy(attempts: 20, backoff: .seconds(600))

        let pauses = (1...5).map { policy.pause(after: $0, endedWith: outcome(.failed)) }

        #expect(pauses == [600, 1200, 2400, 3600, 3600].map { .seconds($0) })
        #expect(policy.pause(after: 20, endedWith: outcome(.failed)) == nil)
    }

    @Test func `a pause that is longer than an hour from the first stays as it is`() {
        let policy = policy(attempts: 5, backoff: .seconds(7200))

        #expect((1...3).allSatisfy { policy.pause(after: $0, endedWith: outcome(.failed)) == .seconds(7200) })
    }

    @Test(arguments: RunState.allCases.filter { $0.isTerminal && $0 != .failed })
    func `only a run that failed is tried again`(state: RunState) {
        #expect(policy(attempts: 5).pause(after: 1, endedWith: outcome(state)) == nil)
    }

    @Test(arguments: ["unknown_operation", "invalid_parameters", "interrupted"] + Refusal.allCases.map(\.rawValue))
    func `what cannot go better, and what a crash cut short, is not tried again as a failure`(code: String) {
        #expect(policy(attempts: 5).pause(after: 1, endedWith: outcome(.failed, code)) == nil)
    }

    @Test func `what a crash cut short begins again where the policy says so, at once and not for ever`() {
        var policy = policy(attempts: 1, backoff: .seconds(60))
        policy.onInterrupt = .rerun

        let attempts = (1...20).prefix { policy.pause(after: $0, endedWith: outcome(.failed, "interrupted")) == .zero }

        #expect(attempts.count == ExecutionPolicy.attemptsOfReruns - 1)
        #expect(policy.pause(after: 1, endedWith: outcome(.failed)) == nil)
    }
}
