// SPDX-License-Identifier: Apache-2.0

package import Jobs
import Synchronization

/// Says for which agents there is new work, from those who commit it to the fleet.
///
/// Names are collected, each once, so that the memory is bounded by the number of agents, however many jobs come while
/// the fleet is busy. One consumer.
package final class DeliverySignal: Sendable {
    private let names = Mutex(Set<AgentID>())
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    /// Makes a signal that has not been raised.
    package init() {
        (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that there is new work for these agents.
    ///
    /// To be called after the commit.
    package func raise(for agents: some Sequence<AgentID>) {
        names.withLock { $0.formUnion(agents) }
        ringer.yield()
    }

    /// Calls `body` with each set of names that was collected, until the task is cancelled or `body` throws.
    package func forEach(_ body: (Set<AgentID>) async throws -> Void) async throws {
        for await _ in bell {
            let taken = names.withLock { names in
                defer { names = [] }
                return names
            }
            if !taken.isEmpty { try await body(taken) }
        }
    }
}
