// SPDX-License-Identifier: Apache-2.0

import Jobs
import Runner
import Testing

@testable import Rest

/// When an agent gives back what it does not need.
@Suite(.timeLimit(.minutes(5)))
struct RestServiceTests {
    @Test func `it gives back after the start, and after each piece of work`() async throws {
        let runner = SimulatedRunner(ledgerID: "ledger")
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let service = RestService(of: runner, pause: .milliseconds(1)) { release.yield() }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            var seen = releases.makeAsyncIterator()
            _ = await seen.next()
            for _ in 0..<3 {
                await runner.accept([], confirming: [], storeID: "store")
                _ = await seen.next()
            }
            group.cancelAll()
        }
    }
}
