// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JobDispatch
import Jobs
import Store
import Testing

@testable import API

struct RetryTests {
    /// A job on three hosts: `db-1` completed, `web-1` failed, `web-2` was cancelled.
    private func ended(_ fixture: APIFixture) async throws -> Job {
        let request = JobRequest(
            operation: OperationRequest(type: "command.exec", data: ["argv": ["uptime"]]),
            target: "_all",
            deadline: 90.5,
            note: "ticket",
            retry: RetryPolicy(maxAttempts: 3, backoff: 1.5),
            onInterrupt: .rerun,
            parallel: true
        )
        let job = try await fixture.jobs.submit(request, by: Requester(name: "ann"), now: fixture.now).job
        try await fixture.end(job, on: ["db-1"], RunOutcome(state: .completed))
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .failed))
        try await fixture.end(job, on: ["web-2"], RunOutcome(state: .cancelled))
        return job
    }

    private func hosts(of answer: APIClient.Answer, _ fixture: APIFixture) async throws -> [String] {
        let id = try #require(answer.json["id"]?.string.flatMap { JobID($0) })
        let runs = try await fixture.store.runs(of: id, state: nil, includingData: false, limit: 10, offset: 0)
        return try #require(runs).items.map(\.hostname)
    }

    @Test func `a retry is a new job that asks for the same and names the old one`() async throws {
        let fixture = try await APIFixture()
        let job = try await ended(fixture)
        try await fixture.serve { client in
            let answer = try await client.send(.post, "/api/v1/jobs/\(job.id)/retry")

            let id = try #require(answer.json["id"]?.string)
            #expect(answer.status == 201)
            #expect(answer.header("Location") == "/api/v1/jobs/\(id)")
            #expect(id != job.id.description)
            #expect(answer.json["retry_of"]?.string == job.id.description)
            #expect(answer.json["status"] == "submitted")
            #expect(answer.json["created_by"] == "admin")
            let old = try await client.get("/api/v1/jobs/\(job.id)").json
            for member in ["operation", "target", "note", "retry", "on_interrupt", "parallel"] {
                #expect(answer.json[member] == old[member], "\(member)")
            }
            #expect(answer.json["retry"] == ["max_attempts": 3, "backoff": 1.5])
            #expect(answer.json["deadline_at"]?.string == (fixture.now + .milliseconds(90_500)).description)
            #expect(try await hosts(of: answer, fixture) == ["web-1"])
            let last = old["timeline"]?.array?.last
            #expect(last?["event"] == "retried")
            #expect(last?["message"]?.string == "as \(id) on 1 agent by admin")
            #expect(old["retry_of"] == .null)
        }
    }

    @Test(
        arguments: [
            (nil, ["web-1"]), ("{}", ["web-1"]), (#"{"only":"failed"}"#, ["web-1"]),
            (#"{"only":"not_completed"}"#, ["web-1", "web-2"]), (#"{"only":"all"}"#, ["db-1", "web-1", "web-2"]),
        ] as [(String?, [String])]
    )
    func `the selection says which hosts take part`(body: String?, hosts: [String]) async throws {
        let fixture = try await APIFixture()
        let job = try await ended(fixture)
        try await fixture.serve { client in
            let answer = try await client.send(.post, "/api/v1/jobs/\(job.id)/retry", body: body)

            #expect(answer.status == 201)
            #expect(try await self.hosts(of: answer, fixture) == hosts)
        }
    }

    @Test func `what timed out counts as failed`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit("web-*")
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .timedOut))
        try await fixture.end(job, on: ["web-2"], RunOutcome(state: .skipped))
        try await fixture.serve { client in
            let answer = try await client.send(.post, "/api/v1/jobs/\(job.id)/retry")

            #expect(try await hosts(of: answer, fixture) == ["web-1"])
        }
    }

    @Test(arguments: [
        (#"{"only":"some"}"#, "invalid_body", "/only"), (#"{"only":null}"#, "invalid_body", "/only"),
        (#"{"host":"web-1"}"#, "invalid_body", "/host"),
    ])
    func `another body is refused with its place`(body: String, code: String, pointer: String) async throws {
        let fixture = try await APIFixture()
        let job = try await ended(fixture)
        try await fixture.serve { client in
            let answer = try await client.post("/api/v1/jobs/\(job.id)/retry", body)

            #expect(answer.status == 400)
            #expect(answer.code == code)
            #expect(answer.pointers == [pointer])
            #expect(try await fixture.store.jobs(status: nil, limit: 1, offset: 0).total == 1)
        }
    }

    @Test func `a job that has not ended, one without such runs, and an unknown one cannot be retried`() async throws {
        let fixture = try await APIFixture()
        let open = try await fixture.submit()
        let well = try await fixture.submit("web-1")
        try await fixture.end(well, on: ["web-1"], RunOutcome(state: .completed))
        try await fixture.serve { client in
            let early = try await client.send(.post, "/api/v1/jobs/\(open.id)/retry")
            let needless = try await client.send(.post, "/api/v1/jobs/\(well.id)/retry")
            let none = try await client.post("/api/v1/jobs/\(well.id)/retry", #"{"only":"not_completed"}"#)
            let unknown = try await client.send(.post, "/api/v1/jobs/0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41/retry")

            #expect(early.status == 409)
            #expect(early.code == "job_not_finished")
            for answer in [needless, none] {
                #expect(answer.status == 409)
                #expect(answer.code == "nothing_to_retry")
            }
            #expect(unknown.status == 404)
            #expect(unknown.code == "not_found")
            #expect(try await fixture.store.jobs(status: nil, limit: 1, offset: 0).total == 2)
        }
    }

    @Test func `with a key a retry is made once, and another request with that key is refused`() async throws {
        let fixture = try await APIFixture()
        let job = try await ended(fixture)
        let uri = "/api/v1/jobs/\(job.id)/retry"
        try await fixture.serve { client in
            let key = ["Idempotency-Key": "again-1"]
            let first = try await client.send(.post, uri, headers: key)
            let second = try await client.send(.post, uri, headers: key, body: #"{"only":"failed"}"#)
            let other = try await client.send(.post, uri, headers: key, body: #"{"only":"all"}"#)
            let foreign = try await client.send(.post, uri, key: "other-secret", headers: key)
            let bad = try await client.send(.post, uri, headers: ["Idempotency-Key": "has space"])

            #expect(first.status == 201)
            #expect(first.header("Idempotent-Replayed") == nil)
            #expect(second.status == 201)
            #expect(second.header("Idempotent-Replayed") == "true")
            #expect(second.header("Location") == first.header("Location"))
            #expect(second.json == first.json)
            #expect(other.status == 422)
            #expect(other.code == "idempotency_key_reused")
            #expect(foreign.status == 201)
            #expect(foreign.json["id"] != first.json["id"])
            #expect(bad.status == 400)
            #expect(bad.code == "out_of_range")
            #expect(try await fixture.store.jobs(status: nil, limit: 1, offset: 0).total == 3)
        }
    }
}
