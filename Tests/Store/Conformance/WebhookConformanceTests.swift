// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Store
import Testing

/// What the store makes of webhooks, and of what they are to be told.
@Suite(.timeLimit(.minutes(10)))
struct WebhookConformanceTests {
    private static let audit = AuditEntry(time: .at(0), action: "test")

    /// A store of webhooks and jobs with the agents `a` and `b`.
    private func with(_ body: (SQLiteStore) async throws -> Void) async throws {
        let store = try SQLiteStore.inMemory()
        try await store.introduce(["a", "b"])
        try await body(store)
        try await store.close()
    }

    @discardableResult
    private func add(
        _ id: String,
        _ events: [WebhookEventType] = WebhookEventType.selectable,
        to store: SQLiteStore
    ) async throws -> WebhookCreation {
        let record = WebhookRecord(
            id: id,
            url: "https://\(id).example",
            events: events,
            createdAt: .at(0),
            createdBy: "ann"
        )
        return try await store.create(StoredWebhook(record: record, secret: "secret of \(id)"), audit: Self.audit)
    }

    private func told(_ id: String, _ store: SQLiteStore, lines: Int = 1000) async throws -> [String] {
        while try await store.fillOutbox(lines: lines, now: .at(5)) {}
        let deliveries = try #require(try await store.deliveries(of: id, state: nil, after: nil, limit: 100))
        return deliveries.reversed().map { entry in
            entry.delivery.event.rawValue + (entry.delivery.jobID.map { " \($0)" } ?? "")
        }
    }

    @Test(arguments: [1, 3, 1000])
    func `a webhook is told what it wants of what happens after it was made, each once`(lines: Int) async throws {
        try await with { store in
            try await store.submit(1, ["a"])
            try await add("all", WebhookEventType.selectable.filter { $0 != .jobChanged }, to: store)
            try await add("ends", [.jobCompleted, .jobFailed], to: store)
            try await store.submit(2, ["a", "b"])
            _ = try await store.record(
                [.report("a", .test(1), .ended(.well)), .report("a", .test(2), .ended(.well))],
                now: .at(1)
            )
            let middle = try await told("all", store, lines: lines)
            _ = try await store.record([.report("b", .test(2), .ended(.badly))], now: .at(2))

            #expect(middle == ["job.submitted \(JobID.test(2))", "job.completed \(JobID.test(1))"])
            #expect(try await told("all", store, lines: lines) == middle + ["job.partial_failure \(JobID.test(2))"])
            #expect(try await told("ends", store, lines: lines) == ["job.completed \(JobID.test(1))"])
        }
    }

    @Test func `an agent that is lost is told of, and what it tells later is a new event`() async throws {
        try await with { store in
            try await add("all", [.agentLost, .jobCompleted, .jobFailed], to: store)
            try await store.submit(1, ["a"])
            _ = try await store.record([.report("a", .test(1), .started)], now: .at(1))
            _ = try await store.endSilent([.on("a")], now: .at(100))
            let job = JobID.test(1)
            #expect(try await told("all", store) == ["agent.lost \(job)", "job.failed \(job)"])

            _ = try await store.record([.report("a", job, .ended(.well))], now: .at(101))
            #expect(try await told("all", store) == ["agent.lost \(job)", "job.failed \(job)", "job.completed \(job)"])
        }
    }

    @Test func `what is due is sent until it is taken, and then no more`() async throws {
        try await with { store in
            try await add("all", [.jobSubmitted], to: store)
            try await store.submit(1, ["a"])
            _ = try await told("all", store)
            let due = try #require(try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(5)).first)
            #expect(due.url == "https://all.example" && due.secrets == ["secret of all"] && due.attempts == 0)
            #expect(try await store.nextDeliveryTime() == .at(5))

            let later = DeliveryOutcome(id: due.id, next: .again(.at(60)), status: 500, error: "not taken")
            try await store.recordDeliveries([later], now: .at(6))
            #expect(try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(59)).isEmpty)
            #expect(try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(60)).first?.attempts == 1)
            try await store.recordDeliveries(
                [DeliveryOutcome(id: due.id, next: .delivered, status: 200, error: nil)],
                now: .at(61)
            )
            #expect(try await store.nextDeliveryTime() == nil)
            let delivery = try #require(
                try await store.deliveries(of: "all", state: .delivered, after: nil, limit: 9)?.first?.delivery
            )
            #expect(delivery.attempts == 2 && delivery.lastStatus == 200 && delivery.lastAttemptAt == .at(61))

            let again = try await store.replay(delivery.id, of: "all", now: .at(70), audit: Self.audit)
            #expect(again?.state == .pending && again?.id == delivery.id)
            #expect(try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(70)).map(\.id) == [delivery.id])
        }
    }

    @Test func `a webhook that is given up is told nothing until it is enabled`() async throws {
        try await with { store in
            try await add("all", [.jobSubmitted], to: store)
            try await store.submit(1, ["a"])
            _ = try await told("all", store)
            try await store.submit(2, ["a"])
            _ = try await told("all", store)
            let due = try await store.dueDeliveries(limit: 1, ofLane: 9, now: .at(5))
            let gone = DeliveryOutcome(id: due[0].id, next: .disabled("gone"), status: 410, error: "gone")
            try await store.recordDeliveries([gone], now: .at(6))

            #expect(try await store.webhooks().first?.disabledReason == "gone")
            #expect(try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(99)).isEmpty)
            #expect(try await store.nextDeliveryTime() == nil)
            try await store.submit(3, ["a"])
            #expect(try await told("all", store).count == 2)
            let enabled = try await store.enableWebhook("all", audit: AuditEntry(time: .at(10), action: "test"))
            #expect(enabled?.disabledAt == nil)
            try await store.submit(4, ["a"])
            #expect(try await told("all", store).last == "job.submitted \(JobID.test(4))")
            #expect(try await told("all", store).count == 3)
            #expect(try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(99)).count == 2)
        }
    }

    @Test func `a secret is good beside the next one for its time`() async throws {
        try await with { store in
            try await add("all", [.jobSubmitted], to: store)
            try await store.submit(1, ["a"])
            _ = try await told("all", store)
            let record = try await store.rotateSecret(of: "all", to: "next", previousUntil: .at(100), audit: Self.audit)

            #expect(record?.previousSecretUntil == .at(100))
            #expect(
                try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(99)).first?.secrets == [
                    "next", "secret of all",
                ]
            )
            #expect(try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(100)).first?.secrets == ["next"])
            #expect(try await store.rotateSecret(of: "x", to: "y", previousUntil: .at(1), audit: Self.audit) == nil)
        }
    }

    @Test func `there are so many webhooks, and their deliveries are listed in parts and trimmed`() async throws {
        try await with { store in
            for number in 1...WebhookCreation.maximumWebhooks {
                try await add("w\(number)", [.jobSubmitted], to: store)
            }
            #expect(try await add("more", to: store) == .tooMany)
            for number in 1...5 { try await store.submit(number, ["a"]) }
            let all = try await told("w1", store)
            #expect(all.count == 5)
            let first = try #require(try await store.deliveries(of: "w1", state: .pending, after: nil, limit: 2))
            let rest = try await store.deliveries(of: "w1", state: .pending, after: first.last?.number, limit: 9)
            #expect(first.count == 2 && rest?.count == 3)

            let ends = first.map { DeliveryOutcome(id: $0.delivery.id, next: .failed, status: nil, error: "x") }
            try await store.recordDeliveries(ends, now: .at(9))
            try await store.trimDeliveries(keeping: 1)
            #expect(try await store.deliveries(of: "w1", state: nil, after: nil, limit: 9)?.count == 4)
            #expect(try await store.deliveries(of: "none", state: nil, after: nil, limit: 9) == nil)

            #expect(try await store.deleteWebhook("w1", audit: Self.audit))
            #expect(try await store.deleteWebhook("w1", audit: Self.audit) == false)
            #expect(try await store.deliveries(of: "w1", state: nil, after: nil, limit: 9) == nil)
        }
    }
}
