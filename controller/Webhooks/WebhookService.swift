// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Logging
import NIOHTTP1
package import Outgoing
import ServiceLifecycle
package import Store

/// Tells webhooks what happened: fills the outbox as the feed grows, and sends what is due.
///
/// Whoever moves jobs does not wait for it. What was sent when the process died and not noted is sent again, with the same id; a
/// receiver that keeps ids takes each once.
package struct WebhookService: Service {
    /// How many lines of the feed are gone through in one transaction.
    private static let linesPerStep = 1000
    /// How many are sent at the same time; of one lane a quarter of them, so that one that is slow leaves room.
    private static let places = 16
    /// How often the feed is looked at, at most.
    private static let pace: Duration = .milliseconds(200)
    /// How many deliveries that ended are kept for each webhook.
    private static let kept = 1000

    private let store: any WebhookStore
    private let commits: CommitBell
    private let version: @Sendable () -> UInt64
    private let client: OutgoingClient
    private let wallClock: @Sendable () -> Timestamp
    private let logger: Logger

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - store: where webhooks and their outbox are.
    ///   - jobs: whose feed is told of.
    ///   - client: what sends.
    ///   - wallClock: the controller's time.
    ///   - logger: for webhooks that are given up, and a store that fails.
    package init(
        store: any WebhookStore,
        jobs: any JobStore,
        client: OutgoingClient,
        wallClock: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.store = store
        commits = jobs.commits
        version = { jobs.version }
        self.client = client
        self.wallClock = wallClock
        self.logger = logger
    }

    /// Works until shutdown; what is being sent then is sent again after the next start, unless it was taken.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var lane = ""
            while !Task.isCancelled {
                let seen = version()
                let began = ContinuousClock.now
                let pause = await step(after: &lane)
                try? await Task.sleep(until: began + Self.pace, clock: .continuous)
                await commits.wait(past: seen, atMost: pause)
            }
        }
    }

    /// Fills the outbox and sends what is due.
    ///
    /// - Parameter lane: the host that was told of jobs last; the others have their turns before it has another one.
    /// - Returns: how long there is nothing more to do, unless something happens.
    private func step(after lane: inout String) async -> Duration {
        do {
            while try await store.fillOutbox(lines: Self.linesPerStep, now: wallClock()) {}
            let ofLane = Self.places / 4
            let due = try await store.dueDeliveries(limit: Self.places, ofLane: ofLane, after: lane, now: wallClock())
            lane = due.lane
            if !due.deliveries.isEmpty {
                try await store.recordDeliveries(await send(due.deliveries), now: wallClock())
                try await store.trimDeliveries(keeping: Self.kept)
                return .zero
            }
            guard let next = try await store.nextDeliveryTime() else { return .seconds(3600) }
            return max(.zero, .milliseconds(next.milliseconds - wallClock().milliseconds))
        } catch {
            if !(error is CancellationError) {
                logger.error("the outbox of webhooks cannot be worked on", metadata: ["error": "\(error)"])
            }
            return .seconds(5)
        }
    }

    // MARK: Sending

    /// Sends deliveries at the same time.
    ///
    /// - Returns: how each ended that was not cut off by the shutdown.
    private func send(_ due: [DueDelivery]) async -> [DeliveryOutcome] {
        await withTaskGroup(of: DeliveryOutcome?.self) { group in
            for delivery in due { group.addTask { await send(delivery) } }
            return await group.reduce(into: []) { outcomes, outcome in
                if let outcome { outcomes.append(outcome) }
            }
        }
    }

    private func send(_ delivery: DueDelivery) async -> DeliveryOutcome? {
        let answer: DeliveryVerdict.Answer
        do {
            let url = try OutgoingURL(delivery.url)
            let seconds = wallClock().milliseconds / 1000
            let signatures = delivery.secrets.compactMap { WebhookSecret($0) }
                .map { $0.signature(id: delivery.id, seconds: seconds, body: delivery.body) }
            var headers: HTTPHeaders = [
                "Content-Type": "application/json", "User-Agent": "broker-controller", "webhook-id": delivery.id,
                "webhook-timestamp": "\(seconds)", "webhook-signature": signatures.joined(separator: " "),
            ]
            if let trace = delivery.trace { headers.add(name: "traceparent", value: "\(trace)") }
            let result = try await client.call(
                .POST,
                url,
                headers: headers,
                body: Array(delivery.body.utf8),
                limit: 65_536
            )
            answer = .status(result.status, retryAfter: result.headers.first(name: "Retry-After").flatMap { Int($0) })
        } catch is CancellationError {
            return nil
        } catch {
            answer = .none("\(error)")
        }
        let outcome = DeliveryVerdict.outcome(of: delivery, answer, spread: .random(in: 0...1), now: wallClock())
        if case .disabled(let reason) = outcome.next {
            logger.warning(
                "a webhook is given up",
                metadata: ["webhook.id": "\(delivery.webhookID)", "why": "\(reason)"]
            )
        }
        return outcome
    }
}
