// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs
import Store
import Testing

/// Webhooks that are told of some jobs only: of those with certain labels, or of one.
@Suite(.timeLimit(.minutes(10)))
struct JobWebhookConformanceTests {
    private static let audit = AuditEntry(time: .at(0), action: "test")

    private func with(_ body: (SQLiteStore) async throws -> Void) async throws {
        let store = try SQLiteStore.inMemory()
        try await store.introduce(["a", "b"])
        try await body(store)
        try await store.close()
    }

    private func register(
        _ id: String,
        _ events: [WebhookEventType] = [.jobSubmitted],
        labels: [String: String] = [:],
        in store: SQLiteStore
    ) async throws {
        let record = WebhookRecord(
            id: id,
            url: "https://\(id).example",
            events: events,
            labels: labels,
            createdAt: .at(0)
        )
        _ = try await store.create(StoredWebhook(record: record, secret: "secret of \(id)"), audit: Self.audit)
    }

    private func ofJob(_ receiver: String, _ events: [WebhookEventType] = WebhookEventType.ends) -> NewJobWebhook {
        NewJobWebhook(url: "https://\(receiver)/x", receiver: receiver, events: events, secret: "its secret")
    }

    /// What a webhook was told, oldest first: the event, and the number of the job.
    private func told(_ id: String, _ store: SQLiteStore) async throws -> [String] {
        while try await store.fillOutbox(lines: 1000, now: .at(5)) {}
        let deliveries = try #require(try await store.deliveries(of: id, state: nil, after: nil, limit: 100))
        return deliveries.reversed().map { entry in
            let number = (1...20).first { entry.delivery.jobID == .test($0) } ?? 0
            return "\(entry.delivery.event.rawValue) \(number)"
        }
    }

    // MARK: Labels

    @Test func `a webhook with labels is told of jobs that have them all`() async throws {
        try await with { store in
            try await register("none", in: store)
            try await register("one", labels: ["team": "web"], in: store)
            try await register("two", labels: ["team": "web", "env": "prod"], in: store)
            try await store.submit(1, ["a"])
            try await store.submit(2, ["a"], labels: ["team": "web"])
            try await store.submit(3, ["a"], labels: ["team": "web", "env": "prod", "more": ""])
            try await store.submit(4, ["a"], labels: ["team": "db", "env": "prod"])

            #expect(try await told("none", store).count == 4)
            #expect(try await told("one", store) == ["job.submitted 2", "job.submitted 3"])
            #expect(try await told("two", store) == ["job.submitted 3"])
            #expect(
                try await store.webhooks().map(\.labels) == [["team": "web", "env": "prod"], ["team": "web"], [:]]
            )
        }
    }

    @Test func `what is changed of a webhook counts from then on, and what is left out stays`() async throws {
        try await with { store in
            try await register("w", labels: ["team": "web"], in: store)
            try await store.submit(1, ["a"])
            #expect(try await told("w", store) == [])

            let open = try await store.updateWebhook("w", WebhookChange(labels: [:]), audit: Self.audit)
            #expect(open?.labels == [:] && open?.events == [.jobSubmitted])
            try await store.submit(2, ["a"])
            #expect(try await told("w", store) == ["job.submitted 2"])

            let moved = WebhookChange(url: "https://b.example", events: [.jobCompleted])
            let record = try await store.updateWebhook("w", moved, audit: Self.audit)
            #expect(record?.url == "https://b.example" && record?.events == [.jobCompleted])
            try await store.submit(3, ["a"])
            #expect(try await told("w", store) == ["job.submitted 2"])
            #expect(try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(9)).map(\.url) == ["https://b.example"])
            #expect(try await store.updateWebhook("x", moved, audit: Self.audit) == nil)
        }
    }

    // MARK: A job's own

    @Test(arguments: [false, true])
    func `the webhook of a job is told of that job alone`(withOthers: Bool) async throws {
        try await with { store in
            try await store.submit(1, ["a"])
            if withOthers { try await register("all", in: store) }
            let webhook = ofJob("r.example")
            let created = try await store.submit(2, ["a", "b"], webhook: webhook)
            try await store.submit(3, ["a"], webhook: ofJob("r.example"))
            #expect(created.job.webhook == webhook.shown)
            #expect(try await store.existingJob(2).webhook == webhook.shown)
            #expect(try await store.existingJob(1).webhook == nil)
            #expect(try await store.webhook(of: .test(2)) == webhook)
            #expect(try await store.webhook(of: .test(1)) == nil)

            _ = try await store.record(
                [.report("a", .test(1), .ended(.well)), .report("a", .test(2), .ended(.well))],
                now: .at(1)
            )
            #expect(try await told(webhook.shown.id, store) == [])
            _ = try await store.record([.report("b", .test(2), .ended(.badly))], now: .at(2))
            #expect(try await told(webhook.shown.id, store) == ["job.partial_failure 2"])

            let due = try #require(
                try await store.dueDeliveries(limit: 99, ofLane: 9, now: .at(9))
                    .first { $0.webhookID == webhook.shown.id }
            )
            #expect(due.url == "https://r.example/x" && due.secrets == ["its secret"] && due.lane == "job r.example")
        }
    }

    @Test func `the webhook of a job is no registered one, is found by its id, and does not change`() async throws {
        try await with { store in
            let webhook = ofJob("r.example")
            try await store.submit(1, ["a"], webhook: webhook)
            for number in 1...WebhookCreation.maximumWebhooks { try await register("w\(number)", in: store) }

            #expect(try await store.webhooks().count == WebhookCreation.maximumWebhooks)
            let record = try #require(try await store.webhook(webhook.shown.id))
            #expect(record.jobID == .test(1) && record.createdBy == "tester" && record.events == WebhookEventType.ends)
            #expect(try await store.webhook("w1")?.jobID == nil)
            #expect(try await store.webhook("x") == nil)
            let change = WebhookChange(url: "https://elsewhere.example")
            #expect(try await store.updateWebhook(webhook.shown.id, change, audit: Self.audit) == nil)
        }
    }

    @Test func `the webhook of a job goes with the job`() async throws {
        try await with { store in
            let webhook = ofJob("r.example", [.jobSubmitted, .jobCompleted])
            try await store.submit(1, ["a"], webhook: webhook)
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(1))
            #expect(try await told(webhook.shown.id, store) == ["job.submitted 1", "job.completed 1"])

            _ = try await store.delete(.test(1), audit: nil)
            #expect(try await store.webhook(webhook.shown.id) == nil)
            #expect(try await store.webhook(of: .test(1)) == nil)
            #expect(try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(99)).isEmpty)
            #expect(try await store.nextDeliveryTime() == nil)
            while try await store.purge(limit: 100) {}
        }
    }

    @Test func `a receiver that wants no more of a job is told nothing more`() async throws {
        try await with { store in
            let webhook = ofJob("r.example", [.jobSubmitted, .jobCompleted, .jobChanged])
            try await store.submit(1, ["a"], webhook: webhook)
            _ = try await store.record([.report("a", .test(1), .ended(.well))], now: .at(1))
            #expect(try await told(webhook.shown.id, store).count == 3)
            let due = try await store.dueDeliveries(limit: 1, ofLane: 9, now: .at(5))
            let gone = DeliveryOutcome(id: due[0].id, next: .disabled("gone"), status: 410, error: "gone")
            try await store.recordDeliveries([gone], now: .at(6))

            #expect(try await store.webhook(webhook.shown.id)?.disabledReason == "gone")
            #expect(try await store.nextDeliveryTime() == nil)
            let failed = try await store.deliveries(of: webhook.shown.id, state: .failed, after: nil, limit: 9)
            #expect(failed?.map(\.delivery.lastError) == ["gone", "gone", "gone"])
        }
    }

    @Test func `the trace of a job is kept, and goes with its runs and with what is told of it`() async throws {
        try await with { store in
            let trace = try #require(TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
            try await register("w", in: store)
            let created = try await store.submit(1, ["a"], trace: trace)
            try await store.submit(2, ["a"])

            #expect(created.job.traceparent == "\(trace)" && created.job.traceID == trace.traceID)
            #expect(try await store.existingJob(1).traceparent == "\(trace)")
            #expect(try await store.existingJob(2).traceparent == nil)
            #expect(try await store.offer("a", held: 0).map(\.trace) == [trace, nil])
            #expect(try await told("w", store).count == 2)
            let due = try await store.dueDeliveries(limit: 9, ofLane: 9, now: .at(5))
            #expect(due.map(\.trace) == [trace, nil])
        }
    }

    // MARK: Lanes

    @Test func `a receiver for which much is due leaves room for others, however its jobs came`() async throws {
        try await with { store in
            for number in 1...12 {
                try await store.submit(number, ["a"], webhook: ofJob("slow.example", [.jobSubmitted]))
            }
            try await store.submit(13, ["a"], webhook: ofJob("other.example", [.jobSubmitted]))
            try await register("w", in: store)
            try await store.submit(14, ["a"])
            while try await store.fillOutbox(lines: 1000, now: .at(5)) {}

            let due = try await store.dueDeliveries(limit: 16, ofLane: 4, now: .at(5))
            #expect(
                Dictionary(grouping: due, by: \.lane).mapValues(\.count) == [
                    "job slow.example": 4, "job other.example": 1, "w": 1,
                ]
            )
            #expect(try await store.dueDeliveries(limit: 2, ofLane: 4, now: .at(5)).count == 2)
            #expect(try await store.dueDeliveries(limit: 16, ofLane: 4, now: .at(4)).isEmpty)
        }
    }

    @Test func `jobs that are told to many hosts leave half of the room to registered webhooks`() async throws {
        try await with { store in
            for number in 1...9 {
                try await store.submit(number, ["a"], webhook: ofJob("\(number).example", [.jobSubmitted]))
            }
            for number in 1...3 { try await register("w\(number)", in: store) }
            try await store.submit(10, ["a"], now: .at(1))
            while try await store.fillOutbox(lines: 1000, now: .at(5)) {}

            func ofJobs(_ limit: Int) async throws -> [Bool] {
                try await store.dueDeliveries(limit: limit, ofLane: 4, now: .at(5)).map { $0.lane.hasPrefix("job ") }
            }
            #expect(try await ofJobs(6).count { $0 } == 3, "three are registered")
            #expect(try await ofJobs(8).count { $0 } == 5, "there are no more than three others")
            #expect(try await ofJobs(99).count == 12)
        }
    }

    @Test func `however many hosts jobs name, each has its turn, and none waits for those with much to be told`()
        async throws
    {
        try await with { store in
            // Two hosts with much that is older than all else, and forty with one each.
            for number in 1...60 {
                let host = number <= 30 ? "m-slow.example" : "a-slow.example"
                try await store.submit(number, ["a"], webhook: ofJob(host, [.jobSubmitted]))
            }
            while try await store.fillOutbox(lines: 1000, now: .at(1)) {}
            let hosts = (1...40).map { "\($0).example" }
            for (number, host) in hosts.enumerated() {
                try await store.submit(100 + number, ["a"], webhook: ofJob(host, [.jobSubmitted]))
            }
            while try await store.fillOutbox(lines: 1000, now: .at(5)) {}

            var told: [String: Int] = [:]
            var lane = ""
            // 42 hosts by eight.
            for _ in 1...6 {
                let due = try await store.dueDeliveries(limit: 8, ofLane: 4, after: lane, now: .at(5))
                lane = due.lane
                for delivery in due.deliveries { told[delivery.lane, default: 0] += 1 }
                let outcomes = due.deliveries.map {
                    DeliveryOutcome(id: $0.id, next: .delivered, status: 200, error: nil)
                }
                try await store.recordDeliveries(outcomes, now: .at(5))
            }

            for host in hosts { #expect(told["job \(host)"] == 1, "\(host) has waited in vain") }
            #expect(told.values.reduce(0, +) == 48)
            let rest = try await store.dueDeliveries(limit: 16, ofLane: 4, after: lane, now: .at(5)).deliveries
            #expect(Dictionary(grouping: rest, by: \.lane).mapValues(\.count).values.sorted() == [4, 4])
        }
    }

    @Test func `of hosts that wait so many are looked at in one go, and the next ones in the next`() async throws {
        try await with { store in
            let count = 1003
            for number in 1...count {
                try await store.submit(number, ["a"], webhook: ofJob("h\(1000 + number).example", [.jobSubmitted]))
            }
            while try await store.fillOutbox(lines: 1000, now: .at(1)) {}
            // All but the last host do not answer, and are tried again later.
            var lane = ""
            var isOver = false
            while !isOver {
                let due = try await store.dueDeliveries(limit: 500, ofLane: 4, after: lane, now: .at(1))
                lane = due.lane
                let waiting = due.deliveries.filter { $0.lane != "job h2003.example" }
                isOver = waiting.isEmpty
                let outcomes = waiting.map {
                    DeliveryOutcome(id: $0.id, next: .again(.at(100)), status: 500, error: "no")
                }
                try await store.recordDeliveries(outcomes, now: .at(1))
            }

            let first = try await store.dueDeliveries(limit: 16, ofLane: 4, after: "", now: .at(2))
            #expect(first.deliveries.isEmpty && first.lane == "job h2000.example")
            #expect(try await store.nextDeliveryTime() == .at(1), "the service goes on at once")
            let second = try await store.dueDeliveries(limit: 16, ofLane: 4, after: first.lane, now: .at(2))
            #expect(second.deliveries.map(\.lane) == ["job h2003.example"])
        }
    }
}
