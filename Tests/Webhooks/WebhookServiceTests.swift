// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Logging
import Outgoing
import Store
import StubController
import Synchronization
import Testing

@testable import Webhooks

/// The service over a real store, telling a real server.
@Suite(.timeLimit(.minutes(10)))
struct WebhookServiceTests {
    /// What a test needs of it all.
    private struct Fixture {
        let store: SQLiteStore
        let clock: Clock
        let service: WebhookService

        init(allowing ranges: [AddressRange]) throws {
            let store = try SQLiteStore.inMemory()
            let clock = Clock()
            self.store = store
            self.clock = clock
            service = WebhookService(
                store: store,
                jobs: store,
                client: OutgoingClient(policy: OutgoingPolicy(allowed: ranges)),
                wallClock: { clock.now },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        }

        func listen(at url: String) async throws {
            let record = WebhookRecord(id: "wh_1", url: url, events: WebhookEventType.selectable, createdAt: clock.now)
            let audit = AuditEntry(time: clock.now, action: "test")
            let webhook = StoredWebhook(record: record, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            _ = try await store.create(webhook, audit: audit)
        }

        func test() async throws {
            _ = try await store.addTest(to: "wh_1", now: clock.now, audit: AuditEntry(time: clock.now, action: "test"))
        }

        /// Waits until the newest delivery is in a state, or has been tried so often.
        func delivery(_ isReached: (WebhookDelivery) -> Bool) async throws -> WebhookDelivery {
            while true {
                let newest = try await store.deliveries(of: "wh_1", state: nil, after: nil, limit: 1)?.first?.delivery
                if let newest, isReached(newest) { return newest }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    private final class Clock: Sendable {
        private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))
        var now: Timestamp { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
    }

    /// Runs a service beside the body, against a server that answers so.
    private func with(
        _ respond: @escaping StubController.Respond,
        allowing ranges: [String] = ["127.0.0.0/8"],
        _ body: (Fixture, StubController) async throws -> Void
    ) async throws {
        let fixture = try Fixture(allowing: ranges.compactMap { AddressRange($0) })
        let service = fixture.service
        try await StubController.with(
            respond: respond,
            { stub in
                try await fixture.listen(at: "http://127.0.0.1:\(stub.port)/hook")
                // Ended with the scope.
                async let _: Void = service.run()
                try await body(fixture, stub)
            }
        )
    }

    @Test func `an event is sent, signed, at once`() async throws {
        try await with({ _ in .answer(204, []) }) { fixture, stub in
            try await fixture.test()
            let delivery = try await fixture.delivery { $0.state == .delivered }

            let request = try #require(stub.requests.first)
            let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
            let body = String(decoding: request.body, as: UTF8.self)
            #expect(request.method == "POST" && request.uri == "/hook")
            #expect(request.headers["webhook-id"] == delivery.id)
            #expect(request.headers["webhook-timestamp"] == "1800000000")
            let signature = secret.signature(id: delivery.id, seconds: 1_800_000_000, body: body)
            #expect(request.headers["webhook-signature"] == signature)
            #expect(try JSONText.parse(request.body)["type"] == "webhook.test")
            #expect(stub.requests.count == 1)
        }
    }

    @Test func `what is told of a job belongs to the trace of the job`() async throws {
        let trace = try #require(TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        try await with({ _ in .answer(204, []) }) { fixture, stub in
            let agent = AgentIntroduction(id: AgentID("a"), hostname: "a", labels: [:], facts: [:], version: "1")
            _ = try await fixture.store.record([.introduced(agent)], now: fixture.clock.now)
            let job = NewJob(
                id: JobID(high: 0x018B_CFE5_6800_7000, low: 0x8000_0000_0000_0001),
                request: JobRequest(operation: OperationRequest(type: "ping"), target: "a"),
                agents: [(id: agent.id, hostname: "a")],
                offerNow: [],
                createdAt: fixture.clock.now,
                deadlineAt: fixture.clock.now + .seconds(60),
                hardEndAt: fixture.clock.now + .seconds(600),
                createdBy: "ann",
                trace: trace
            )
            _ = try await fixture.store.create(job)
            _ = try await fixture.delivery { $0.state == .delivered && $0.event == .jobSubmitted }
            try await fixture.test()
            _ = try await fixture.delivery { $0.state == .delivered && $0.event == .webhookTest }

            #expect(stub.requests.map { $0.headers["traceparent"] } == ["\(trace)", nil])
        }
    }

    @Test func `what is not taken is sent again, with the same id, when its time has come`() async throws {
        let answers = Mutex([500, 503, 200])
        try await with({ _ in .answer(answers.withLock { $0.removeFirst() }, []) }) { fixture, stub in
            try await fixture.test()
            let first = try await fixture.delivery { $0.attempts == 1 }
            #expect(first.state == .pending && first.lastStatus == 500)
            for _ in 0..<2 {
                fixture.clock.advance(.seconds(400))
                // Any commit makes it look.
                try await fixture.store.checkWritable()
                let attempts = stub.requests.count
                _ = try await fixture.delivery { $0.attempts > attempts || $0.state == .delivered }
            }

            #expect(try await fixture.delivery { _ in true }.state == .delivered)
            #expect(stub.requests.count == 3)
            #expect(Set(stub.requests.map { $0.headers["webhook-id"] }) == [first.id])
        }
    }

    @Test func `a receiver that is gone is told nothing more`() async throws {
        try await with({ _ in .answer(410, []) }) { fixture, stub in
            try await fixture.test()
            let delivery = try await fixture.delivery { $0.state == .failed }

            #expect(delivery.lastStatus == 410)
            #expect(try await fixture.store.webhooks().first?.disabledAt != nil)
        }
    }

    @Test func `the own network is not told unless it is allowed`() async throws {
        try await with({ _ in .answer(200, []) }, allowing: []) { fixture, stub in
            try await fixture.test()
            let delivery = try await fixture.delivery { $0.attempts == 1 }

            #expect(delivery.state == .pending)
            #expect(delivery.lastError?.contains("outgoing.allow") == true)
            #expect(stub.requests.isEmpty)
        }
    }
}
