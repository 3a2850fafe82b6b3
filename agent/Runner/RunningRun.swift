// SPDX-License-Identifier: Apache-2.0

import Jobs
import Operations
import Synchronization

/// A run that goes on, and the way to have it ended.
final class RunningRun: Sendable {
    /// Whether no other such run may go on beside it.
    let isExclusive: Bool
    /// Tells the operation how it is to end.
    let cancellation = RunCancellation()
    /// What it writes.
    let live = LiveOutput()
    private let isCancelled = Mutex(false)
    private let isAwaiting = Mutex(false)
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    /// Makes the handle of a run that is about to begin.
    init(isExclusive: Bool) {
        self.isExclusive = isExclusive
        (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Has the run ended; a later order counts as long as it has not.
    func cancel(_ order: RunCancellation.Order) {
        isCancelled.withLock { $0 = true }
        cancellation.order(order)
        ringer.finish()
    }

    /// Lets go of what it has started, and has only the agent's part of it end.
    func leave() {
        cancellation.leave()
        ringer.finish()
    }

    /// Whether somebody asked for the end of it.
    var wasCancelled: Bool { isCancelled.withLock { $0 } }

    /// Notes that its ledger waits for the return of the host.
    func awaitReturn() {
        isAwaiting.withLock { $0 = true }
    }

    /// Whether the run goes on in the ledger after it has ended here: it waits for the return of the host, unless it failed
    /// to have that go.
    func goesOn(after outcome: RunOutcome) -> Bool {
        guard isAwaiting.withLock({ $0 }) else { return false }
        return switch outcome.state {
        case .completed, .cancelled: true
        case .failed: outcome.error?.code == "interrupted"
        default: false
        }
    }

    /// Does the work, and cancels its task when the run is to be ended.
    func perform(_ work: @escaping @Sendable () async -> RunOutcome) async -> RunOutcome? {
        await withTaskGroup(of: RunOutcome?.self) { group in
            group.addTask { await work() }
            group.addTask { [bell] in
                for await _ in bell {}
                return nil
            }
            // The first to end is the work, or the wait for its cancellation: then the work ends soon.
            for await outcome in group {
                group.cancelAll()
                if let outcome { return outcome }
            }
            return nil
        }
    }
}
