// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JobDispatch
import Jobs
import Store
import Testing

@testable import API

/// What a submission says of how it is executed, and how many jobs may be open.
struct ExecutionPolicyTests {
    private func body(_ more: String) -> String {
        #"{"operation":{"type":"command.exec","data":{"argv":["true"]}},"target":"web-1","# + more + "}"
    }

    @Test func `what a submission says of its execution is in the record and reaches the agent`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let answer = try await client.submit(
                body(#""retry":{"max_attempts":3,"backoff":0.25},"on_interrupt":"rerun","parallel":true"#)
            )

            #expect(answer.status == 201)
            #expect(answer.json["retry"] == ["max_attempts": 3, "backoff": 0.25])
            #expect(answer.json["on_interrupt"] == "rerun")
            #expect(answer.json["parallel"] == true)
            let policy = try #require(try await fixture.deliver(to: ["web-1"]).first?.assignment?.policy)
            #expect(policy.maxAttempts == 3)
            #expect(policy.backoff == .milliseconds(250))
            #expect(policy.onInterrupt == .rerun)
            #expect(!policy.isExclusive)
            #expect(!policy.awaitsGo)
        }
    }

    @Test(arguments: [#""note":"x""#, #""retry":null,"on_interrupt":null,"parallel":null"#])
    func `left out or null there is one attempt, after other jobs that modify the host`(more: String) async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let answer = try await client.submit(body(more))

            #expect(answer.json["retry"] == .null)
            #expect(answer.json["on_interrupt"] == "fail")
            #expect(answer.json["parallel"] == false)
            #expect(answer.json["retry_of"] == .null)
            #expect(answer.json["cancel"] == .null)
            let policy = try #require(try await fixture.deliver(to: ["web-1"]).first?.assignment?.policy)
            #expect(policy.maxAttempts == 1)
            #expect(policy.onInterrupt == .fail)
            #expect(policy.isExclusive)
        }
    }

    @Test func `an operation that only reads waits for nobody, and a choice of any one for its go-ahead`() async throws
    {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            _ = try await client.submit(#"{"operation":{"type":"ping"},"target":"_any"}"#)

            let policy = try #require(try await fixture.deliver(to: ["web-1"]).first?.assignment?.policy)
            #expect(!policy.isExclusive)
            #expect(policy.awaitsGo)
        }
    }

    @Test(arguments: [
        #""retry":{"max_attempts":1,"backoff":0}"#, #""retry":{"max_attempts":100,"backoff":86400}"#,
        #""retry":{"max_attempts":2}"#,
    ])
    func `the bounds are in it, and a pause may be left out`(more: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.submit(body(more))

            #expect(answer.status == 201)
        }
    }

    @Test(arguments: [
        (#""retry":{"max_attempts":0}"#, "out_of_range", "/retry/max_attempts"),
        (#""retry":{"max_attempts":101}"#, "out_of_range", "/retry/max_attempts"),
        (#""retry":{"max_attempts":2,"backoff":-1}"#, "out_of_range", "/retry/backoff"),
        (#""retry":{"max_attempts":2,"backoff":86400.5}"#, "out_of_range", "/retry/backoff"),
        (#""retry":{"max_attempts":1.5}"#, "invalid_body", "/retry/max_attempts"),
        (#""retry":{"backoff":1}"#, "invalid_body", "/retry/max_attempts"),
        (#""retry":{"max_attempts":2,"jitter":1}"#, "invalid_body", "/retry/jitter"),
        (#""retry":3"#, "invalid_body", "/retry"), (#""on_interrupt":"again""#, "invalid_body", "/on_interrupt"),
        (#""parallel":"yes""#, "invalid_body", "/parallel"),
    ])
    func `what is out of bounds or of another shape is refused with its place`(
        more: String,
        code: String,
        pointer: String
    ) async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let answer = try await client.submit(body(more))

            #expect(answer.status == 400)
            #expect(answer.code == code)
            #expect(answer.pointers == [pointer])
            #expect(try await fixture.store.jobs(status: nil, limit: 1, offset: 0).total == 0)
        }
    }

    @Test func `when as many jobs are open as may be, another one is refused until one has ended`() async throws {
        var limits = JobLimits()
        limits.openJobs = 2
        let fixture = try await APIFixture(limits: limits)
        let ended = try await fixture.submit("web-1")
        try await fixture.end(ended, on: ["web-1"], RunOutcome(state: .failed))
        let first = try await fixture.submit("web-1")
        _ = try await fixture.submit("web-1")
        try await fixture.serve { client in
            let submission = try await client.submit(body(#""note":"x""#))
            let retry = try await client.send(.post, "/api/v1/jobs/\(ended.id)/retry")

            for answer in [submission, retry] {
                #expect(answer.status == 429)
                #expect(answer.code == "too_many_open_jobs")
                #expect(answer.header("Retry-After") == "5")
                #expect(answer.detail.hasPrefix("2 jobs are open"))
            }
            #expect(try await client.get("/api/v1/limits").json["open_jobs"] == 2)
            #expect(try await client.get("/api/v1/jobs").json["total_items"] == 3)
            #expect(try await client.get("/api/v1/jobs/\(ended.id)").json["timeline_total"] == 4, "nothing was retried")

            _ = try await client.send(.post, "/api/v1/jobs/\(first.id)/cancel")
            #expect(try await client.submit(body(#""note":"x""#)).status == 201)
            #expect(try await client.submit(body(#""note":"x""#)).status == 429)
        }
    }

    @Test func `a submission that is refused for too many open jobs leaves its key free`() async throws {
        var limits = JobLimits()
        limits.openJobs = 1
        let fixture = try await APIFixture(limits: limits)
        let open = try await fixture.submit("web-1")
        let key = ["Idempotency-Key": "k"]
        try await fixture.serve { client in
            let refused = try await client.send(.post, "/api/v1/jobs", headers: key, body: body(#""note":"x""#))
            _ = try await client.send(.post, "/api/v1/jobs/\(open.id)/cancel")
            let taken = try await client.send(.post, "/api/v1/jobs", headers: key, body: body(#""note":"x""#))

            #expect(refused.status == 429)
            #expect(taken.status == 201)
            #expect(taken.header("Idempotent-Replayed") == nil)
        }
    }
}
