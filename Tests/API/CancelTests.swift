// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Jobs
import Store
import Testing

@testable import API

struct CancelTests {
    private static let unknown = "/api/v1/jobs/0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41/cancel"

    @Test func `a job that no agent has seen is cancelled at once, and the record says by whom and why`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.serve { client in
            let answer = try await client.post(
                "/api/v1/jobs/\(job.id)/cancel",
                #"{"reason":"wrong hosts","grace":2.5}"#
            )

            #expect(answer.status == 202)
            #expect(answer.json["id"]?.string == job.id.description)
            #expect(answer.json["status"] == "cancelled")
            #expect(answer.json["agent_counts"]?["cancelled"] == 3)
            #expect(
                answer.json["cancel"] == [
                    "requested_at": .string(fixture.now.description), "requested_by": "admin", "reason": "wrong hosts",
                ]
            )
            let events = answer.json["timeline"]?.array?.compactMap { $0["event"]?.string }
            #expect(events == ["submitted", "cancel_requested", "cancelled", "cancelled", "cancelled"])
            #expect(answer.json["timeline"]?.array?[1]["message"] == "by admin: wrong hosts")
            #expect(try await client.get("/api/v1/jobs/\(job.id)?expand=timeline").json == answer.json)
        }
    }

    @Test func `what an agent holds stays open until it tells, and an order with the grace waits for it`() async throws
    {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.deliver(to: ["web-1"])
        try await fixture.serve { client in
            let answer = try await client.post("/api/v1/jobs/\(job.id)/cancel", #"{"grace":0}"#)

            #expect(answer.status == 202)
            #expect(answer.json["status"] == "processing")
            #expect(answer.json["agent_counts"]?["acknowledged"] == 1)
            #expect(answer.json["agent_counts"]?["cancelled"] == 2)
            let orders = try await fixture.store.offers(
                for: [OfferRequest(agentID: AgentID("id-web-1"), held: 1)],
                limit: 10,
                now: fixture.now
            )
            let order = CancelOrder(jobID: job.id, delivery: 2, grace: .zero, requestedBy: "admin")
            #expect(orders == [AgentID("id-web-1"): [.cancel(order)]])
        }
    }

    @Test(arguments: [nil, "{}", #"{"reason":null,"grace":null}"#])
    func `the body may be left out, and so may all in it`(body: String?) async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.serve { client in
            let answer = try await client.send(.post, "/api/v1/jobs/\(job.id)/cancel", body: body)

            #expect(answer.status == 202)
            #expect(answer.json["cancel"]?["reason"] == .null)
            #expect(answer.json["status"] == "cancelled")
        }
    }

    @Test(
        arguments: [
            (#"{"grace":-0.1}"#, "out_of_range", ["/grace"]), (#"{"grace":600.5}"#, "out_of_range", ["/grace"]),
            (#"{"grace":"5s"}"#, "invalid_body", ["/grace"]), (#"{"reason":7}"#, "invalid_body", ["/reason"]),
            (#"{"reason":"\#(String(repeating: "r", count: 1025))"}"#, "out_of_range", ["/reason"]),
            (#"{"reason":"a\u0000b"}"#, "out_of_range", ["/reason"]), (#"{"why":"x"}"#, "invalid_body", ["/why"]),
            (#"[]"#, "invalid_body", [""]), (#"{"#, "malformed_json", []),
        ] as [(String, String, [String])]
    )
    func `a body that cannot be taken is refused with its place, and the job goes on`(
        body: String,
        code: String,
        pointers: [String]
    ) async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.serve { client in
            let answer = try await client.post("/api/v1/jobs/\(job.id)/cancel", body)

            #expect(answer.status == 400)
            #expect(answer.code == code)
            #expect(answer.pointers == pointers)
            #expect(try await fixture.store.job(job.id)?.cancel == nil)
        }
    }

    @Test(arguments: [0, 600])
    func `the bounds of the grace are in it`(grace: Int) async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.serve { client in
            let answer = try await client.post("/api/v1/jobs/\(job.id)/cancel", #"{"grace":\#(grace)}"#)

            #expect(answer.status == 202)
        }
    }

    @Test func `an unknown job is not found`() async throws {
        try await APIFixture().serve { client in
            let unknown = try await client.send(.post, Self.unknown)
            let nonsense = try await client.send(.post, "/api/v1/jobs/nonsense/cancel")

            #expect(unknown.status == 404)
            #expect(unknown.code == "not_found")
            #expect(nonsense.code == "not_found")
        }
    }

    @Test func `a job that has ended otherwise cannot be cancelled`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit("web-1")
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .completed))
        try await fixture.serve { client in
            let answer = try await client.send(.post, "/api/v1/jobs/\(job.id)/cancel")

            #expect(answer.status == 409)
            #expect(answer.code == "job_finished")
            #expect(answer.detail.contains("completed"))
            #expect(try await fixture.store.job(job.id)?.cancel == nil)
        }
    }

    @Test func `who asks twice has what was asked for`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.serve { client in
            let first = try await client.post("/api/v1/jobs/\(job.id)/cancel", #"{"reason":"one"}"#)
            let second = try await client.post("/api/v1/jobs/\(job.id)/cancel", #"{"reason":"two"}"#)

            #expect(first.status == 202 && second.status == 202)
            #expect(second.json == first.json)
        }
    }

    @Test func `asking again while runs go on replaces an order that was not delivered`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit("web-1")
        try await fixture.deliver(to: ["web-1"])
        try await fixture.serve { client in
            _ = try await client.post("/api/v1/jobs/\(job.id)/cancel", #"{"grace":60}"#)
            let second = try await client.post("/api/v1/jobs/\(job.id)/cancel", #"{"grace":1,"reason":"now"}"#)

            #expect(second.json["cancel"]?["reason"] == "now")
            let orders = try await fixture.store.offers(
                for: [OfferRequest(agentID: AgentID("id-web-1"), held: 1)],
                limit: 10,
                now: fixture.now
            )
            let order = CancelOrder(jobID: job.id, delivery: 3, grace: .seconds(1), requestedBy: "admin")
            #expect(orders == [AgentID("id-web-1"): [.cancel(order)]])
        }
    }
}
