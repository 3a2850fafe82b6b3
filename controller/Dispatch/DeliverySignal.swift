// SPDX-License-Identifier: Apache-2.0

package import Jobs
import Synchronization

/// Says for which agents there is new work, from those who commit it to the fleet.
///
/// Names are collected, each once, so that the memory is bounded by the number of agents, however many jobs come while
/// the fleet is busy. Of jobs that can be sent as they are, some are collected as well; the fleet reads the others from the
/// store. One consumer.
package final class DeliverySignal: Sendable {
    /// What was collected since the last time.
    package struct News: Sendable {
        /// For whom there is new work.
        package var agents: Set<AgentID> = []
        /// Work that can be sent as it is, to those who hold all that was given to them before.
        package var offers: [OfferedJob] = []
        /// How many deliveries the offers have.
        fileprivate var deliveries = 0
    }

    /// How many deliveries are kept in offers at most.
    private static let maximumDeliveries = 50_000

    private let news = Mutex(News())
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    /// Makes a signal that has not been raised.
    package init() {
        (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that there is new work for these agents.
    ///
    /// To be called after the commit.
    ///
    /// - Parameters:
    ///   - agents: for whom.
    ///   - offer: the work, where it can be sent as it is.
    package func raise(for agents: some Sequence<AgentID>, offering offer: OfferedJob? = nil) {
        news.withLock { news in
            news.agents.formUnion(agents)
            guard let offer, news.deliveries + offer.deliveries.count <= Self.maximumDeliveries else { return }
            news.offers.append(offer)
            news.deliveries += offer.deliveries.count
        }
        ringer.yield()
    }

    /// Calls `body` with what was collected, each time that there is something, until the task is cancelled or `body` throws.
    package func forEach(_ body: (News) async throws -> Void) async throws {
        for await _ in bell {
            let taken = news.withLock { news in
                defer { news = News() }
                return news
            }
            if !taken.agents.isEmpty { try await body(taken) }
        }
    }
}
