// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Jobs
import Store
import Testing

@testable import API

/// Webhooks that are told of some jobs only, as calls make them: by labels, or with the submission of a job.
struct JobWebhookCallTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func submission(_ webhook: String) -> String {
        #"{"operation":{"type":"ping"},"target":"web-1","webhook":\#(webhook)}"#
    }

    // MARK: With a submission

    @Test func `a secret that was made is answered to the submission, and nowhere else`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let answer = try await client.submit(submission(#"{"url":"https://r.example:8443/hook?token=x"}"#))
            let webhook = answer.json["webhook"]
            let secret = try #require(webhook?["secret"]?.string)
            #expect(answer.status == 201 && secret.hasPrefix("whsec_"))
            #expect(webhook?["receiver"] == "r.example:8443")
            #expect(webhook?["events"]?.array?.compactMap(\.string) == WebhookEventType.ends.map(\.rawValue))

            let id = answer.json["id"]?.string ?? ""
            for path in ["/api/v1/jobs/\(id)", "/api/v1/jobs", "/api/v1/webhooks", "/api/v1/audit"] {
                let text = try await client.get(path).text
                #expect(!text.contains(secret) && !text.contains("token"), "\(path)")
            }
            let record = try await client.get("/api/v1/jobs/\(id)").json["webhook"]
            #expect(record?.object?.keys.sorted() == ["events", "id", "receiver"])
            #expect(record?["id"] == webhook?["id"])
            let audit = try await client.get("/api/v1/audit").items.first { $0["action"] == "submitJob" }
            #expect(audit?["detail"]?.string?.contains("told to r.example:8443") == true)
        }
    }

    @Test func `a secret that the submission brings signs, and is not answered`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let asked = #"{"url":"https://r.example","events":["job.failed","agent.lost"],"secret":"\#(Self.secret)"}"#
            let answer = try await client.submit(submission(asked))

            #expect(answer.status == 201 && !answer.text.contains(Self.secret))
            #expect(answer.json["webhook"]?["events"] == ["job.failed", "agent.lost"])
            let id = try #require(answer.json["id"]?.string.flatMap { JobID($0) })
            let stored = try await fixture.store.webhook(of: id)
            #expect(stored?.secret == Self.secret && stored?.url == "https://r.example")
        }
    }

    @Test func `who asks again gets the secret again, and another secret is another submission`() async throws {
        try await APIFixture().serve { client in
            func submit(_ webhook: String) async throws -> APIClient.Answer {
                try await client.send(
                    .post,
                    "/api/v1/jobs",
                    headers: ["Idempotency-Key": "k"],
                    body: submission(webhook)
                )
            }

            let first = try await submit(#"{"url":"https://r.example"}"#)
            let second = try await submit(#"{"url":"https://r.example"}"#)

            #expect(second.header("Idempotent-Replayed") == "true" && second.json["id"] == first.json["id"])
            #expect(second.json["webhook"] == first.json["webhook"] && first.json["webhook"]?["secret"] != nil)
            let other = try await submit(#"{"url":"https://r.example","secret":"\#(Self.secret)"}"#)
            #expect(other.code == "idempotency_key_reused")
            #expect(try await submit(#"{"url":"https://other.example"}"#).code == "idempotency_key_reused")
        }
    }

    @Test(
        arguments: [
            (#"{"url":"ftp://x"}"#, "out_of_range", "/webhook/url"),
            (#"{"url":"https://a:b@r.example"}"#, "out_of_range", "/webhook/url"),
            (#"{"url":"https://r.example","secret":"short"}"#, "out_of_range", "/webhook/secret"),
            (#"{"url":"https://r.example","secret":"whsec_AAAA"}"#, "out_of_range", "/webhook/secret"),
            (#"{"url":"https://r.example","events":[]}"#, "out_of_range", "/webhook/events"),
            (#"{"url":"https://r.example","events":["webhook.test"]}"#, "invalid_body", "/webhook/events/0"),
            (#"{"url":"https://r.example","labels":{}}"#, "invalid_body", "/webhook/labels"),
            (#"{}"#, "invalid_body", "/webhook/url"), (#""https://r.example""#, "invalid_body", "/webhook"),
        ]
    )
    func `what is no webhook is refused with its place, and no job is made`(
        webhook: String,
        code: String,
        pointer: String
    ) async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let answer = try await client.submit(submission(webhook))

            #expect(answer.status == 400 && answer.code == code && answer.pointers == [pointer], "\(answer.text)")
            #expect(try await fixture.store.statusCounts().values.reduce(0, +) == 0)
        }
    }

    @Test func `null is no webhook`() async throws {
        try await APIFixture().serve { client in
            let answer = try await client.submit(submission("null"))
            #expect(answer.status == 201 && answer.json["webhook"] == .null)
        }
    }

    @Test func `a limited key has its own job told, and a retry is told to the same receiver without its secret`()
        async throws
    {
        let fixture = try await APIFixture()
        let key = try await fixture.key([.jobRead, .jobWrite], target: "group=web")
        try await fixture.serve { client in
            let body = submission(#"{"url":"https://r.example"}"#)
            let answer = try await client.send(.post, "/api/v1/jobs", key: key, body: body)
            #expect(answer.status == 201)
            let id = try #require(answer.json["id"]?.string.flatMap { JobID($0) })
            let job = try #require(try await fixture.store.job(id))
            try await fixture.end(job, on: ["web-1"], RunOutcome(state: .failed))

            let retry = try await client.send(.post, "/api/v1/jobs/\(id)/retry", key: key)
            #expect(retry.status == 201 && retry.json["webhook"]?["secret"] == nil)
            #expect(retry.json["webhook"]?["receiver"] == "r.example")
            #expect(retry.json["webhook"]?["id"] != answer.json["webhook"]?["id"])
            let again = try #require(retry.json["id"]?.string.flatMap { JobID($0) })
            #expect(try await fixture.store.webhook(of: again)?.secret == answer.json["webhook"]?["secret"]?.string)
        }
    }

    @Test func `the webhook of a job is for those to manage who may manage webhooks, by its id`() async throws {
        try await APIFixture().serve { client in
            let answer = try await client.submit(submission(#"{"url":"https://r.example"}"#))
            let id = answer.json["webhook"]?["id"]?.string ?? ""

            #expect(try await client.get("/api/v1/webhooks").items == [])
            let record = try await client.get("/api/v1/webhooks/\(id)").json
            #expect(record["job_id"] == answer.json["id"] && record["url"] == "https://r.example")
            #expect(try await client.send(.patch, "/api/v1/webhooks/\(id)", body: #"{"labels":{}}"#).status == 404)
            #expect(try await client.get("/api/v1/webhooks/\(id)/deliveries").status == 200)
            #expect(try await client.send(.delete, "/api/v1/webhooks/\(id)").status == 204)
            #expect(try await client.get("/api/v1/webhooks/\(id)").status == 404)
        }
    }

    // MARK: Labels

    @Test func `a webhook has labels, and what it is told of can be changed`() async throws {
        try await APIFixture().serve { client in
            let made = try await client.post(
                "/api/v1/webhooks",
                #"{"url":"https://r.example","labels":{"team":"web"}}"#
            )
            let webhook = made.json["webhook"]
            #expect(made.status == 201 && webhook?["labels"] == ["team": "web"] && webhook?["job_id"] == .null)
            let path = "/api/v1/webhooks/\(webhook?["id"]?.string ?? "")"

            let same = try await client.send(.patch, path, body: #"{"url":null,"events":null,"labels":null}"#)
            #expect(same.status == 200 && same.json == webhook)
            let changed = try await client.send(
                .patch,
                path,
                body: #"{"url":"https://b.example","events":["job.failed"],"labels":{}}"#
            )
            #expect(changed.json["url"] == "https://b.example" && changed.json["events"] == ["job.failed"])
            let record = try await client.get(path).json
            #expect(changed.json["labels"] == [:] && changed.json == record)
            for (body, pointer) in [
                (#"{"url":"x"}"#, "/url"), (#"{"events":[]}"#, "/events"), (#"{"labels":{"":"x"}}"#, "/labels"),
                (#"{"secret":"x"}"#, "/secret"),
            ] {
                let refused = try await client.send(.patch, path, body: body)
                #expect(refused.status == 400 && refused.pointers == [pointer], "\(refused.text)")
            }
            let unknown = try await client.send(.patch, "/api/v1/webhooks/wh_x", body: "{}")
            #expect(unknown.status == 404)
            let labels = #"{"url":"https://r.example","labels":{"a=b":"x"}}"#
            #expect(try await client.post("/api/v1/webhooks", labels).pointers == ["/labels"])
        }
    }
}
