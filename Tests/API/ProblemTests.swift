// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import HTTPTypes
import NIOCore
import Testing

@testable import API

struct ProblemTests {
    private let unknownJob = "/api/v1/jobs/0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41"

    @Test func `a problem carries all that the documentation says`() async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(.get, unknownJob, headers: ["Request-Id": "my.id_1-A"])

            #expect(answer.status == 404)
            #expect(answer.header("Content-Type") == "application/problem+json")
            #expect(answer.header("Request-Id") == "my.id_1-A")
            #expect(answer.header("Cache-Control") == "no-store")
            #expect(
                answer.json == [
                    "type": "/docs/problems#not_found", "title": "Not found", "status": 404, "code": "not_found",
                    "detail": "there is no job '0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41'",
                    "instance": .string(unknownJob), "request_id": "my.id_1-A", "errors": [],
                ]
            )
        }
    }

    @Test(arguments: [
        "", "/timeline", "/runs", "/runs?data=false",
    ])
    func `what belongs to an unknown job is not found`(suffix: String) async throws {
        try await APIFixture().serve { client in
            let unknown = try await client.get(unknownJob + suffix)
            let nonsense = try await client.get("/api/v1/jobs/nonsense" + suffix)

            #expect(unknown.code == "not_found")
            #expect(nonsense.code == "not_found")
        }
    }

    @Test(arguments: [
        "/", "/nothing", "/api", "/api/v1", "/api/v1/nothing", "/api/v1/agents/web-9", "/api/v1/agents/%ZZ",
    ])
    func `an unknown path or agent is not found`(path: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.get(path)

            #expect(answer.status == 404)
            #expect(answer.code == "not_found")
        }
    }

    @Test(arguments: ["%ff", "%ZZ", "a%20b"])
    func `what is not found is named as it was sent where it cannot be decoded`(name: String) async throws {
        try await APIFixture().serve { client in
            let job = try await client.get("/api/v1/jobs/\(name)/runs")
            let agent = try await client.get("/api/v1/agents/\(name)")

            let shown = name == "a%20b" ? "a b" : name
            #expect(job.detail == "there is no job '\(shown)'")
            #expect(agent.detail == "there is no agent '\(shown)'")
        }
    }

    @Test(arguments: [
        ("DELETE", "/api/v1/jobs", "POST, GET, HEAD"), ("PUT", "/api/v1/jobs/x", "GET, HEAD, DELETE"),
        ("GET", "/api/v1/targets/preview", "POST"), ("POST", "/healthz", "GET, HEAD"),
        ("OPTIONS", "/api/v1/status", "GET, HEAD"),
        ("PURGE", "/api/v1/agents/web-1/", "GET, HEAD"), ("HEAD", "/api/v1/targets/preview", "POST"),
    ])
    func `another method is refused with those that are allowed`(
        method: String,
        path: String,
        allowed: String
    ) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(.init(method)!, path)

            #expect(answer.status == 405)
            #expect(answer.header("Allow") == allowed)
            #expect(method == "HEAD" ? answer.body.readableBytes == 0 : answer.code == "method_not_allowed")
        }
    }

    @Test(arguments: [nil, "wrong-secret", ""])
    func `without a key nothing of the API is shown`(key: String?) async throws {
        try await APIFixture().serve { client in
            for path in [
                "/api/v1/jobs", "/api/v1/agents/web-1", "/openapi.json", "/api/v1/limits", "/api/v1/nothing",
                "//api//v1/status", "/api/v1/status/", "/api",
            ] {
                let answer = try await client.send(.get, path, key: key)
                #expect(answer.status == 401, "\(path)")
                #expect(answer.code == "unauthorized", "\(path)")
                #expect(answer.header("WWW-Authenticate") == "Bearer realm=\"broker\"")
            }
            let post = try await client.send(.post, "/api/v1/jobs", key: key, body: "{")
            let delete = try await client.send(.delete, "/api/v1/jobs", key: key)
            #expect(post.code == "unauthorized")
            #expect(delete.code == "unauthorized")
        }
    }

    @Test(arguments: [
        ("x=1", "x"), ("limit=ten", "limit"), ("status=done", "status"), ("limit=1&limit=1", "limit"),
    ])
    func `a query that is not understood is refused with the parameter`(query: String, place: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.get("/api/v1/jobs?\(query)")

            #expect(answer.status == 400)
            #expect(answer.code == "invalid_query")
            #expect(answer.parameters == [place])
            #expect(answer.pointers == [])
        }
    }

    @Test func `calls without parameters refuse them, and a bad target of a listing is told`() async throws {
        try await APIFixture().serve { client in
            let target = try await client.get("/api/v1/agents?target=((")

            #expect(try await client.get("/api/v1/status?x=1").code == "invalid_query")
            #expect(try await client.post("/api/v1/jobs?dry=1", "{}").code == "invalid_query")
            #expect(target.code == "invalid_target")
            #expect(target.pointers == [])
        }
    }

    @Test(arguments: ["", "has space", "ö", String(repeating: "a", count: 65), "a\"b", "a/b"])
    func `a request id of another form is replaced`(id: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(.get, "/healthz", headers: ["Request-Id": id])

            let own = try #require(answer.header("Request-Id"))
            #expect(own != id)
            #expect(own.utf8.count == 16)
        }
    }

    @Test func `every answer has an id of its own`() async throws {
        try await APIFixture().serve { client in
            let first = try await client.get("/api/v1/jobs").header("Request-Id")
            let second = try await client.get("/api/v1/jobs").header("Request-Id")

            #expect(first != nil)
            #expect(first != second)
        }
    }

    @Test(arguments: [StoreError.Code.full, .inaccessible, .corrupt, .newerSchema])
    func `a store that takes no writes makes the controller unavailable`(code: StoreError.Code) async throws {
        let store = FailingStore(error: StoreError(code, "secret path /var/lib"))
        try await APIFixture(store: store).serve { client in
            for path in ["/api/v1/jobs", unknownJob, "/api/v1/status"] {
                let answer = try await client.get(path)
                #expect(answer.status == 503, "\(path)")
                #expect(answer.code == "unavailable", "\(path)")
                #expect(answer.header("Retry-After") == "5")
                #expect(!answer.text.contains("secret"))
            }
        }
    }

    @Test func `a store that fails makes the controller not ready, without telling why`() async throws {
        let store = FailingStore(error: StoreError(.full, "secret path /var/lib"))
        try await APIFixture(store: store).serve { client in
            let answer = try await client.send(.get, "/readyz", key: nil)

            #expect(answer.status == 503)
            #expect(answer.code == "unavailable")
            #expect(answer.detail.contains("store"))
            #expect(!answer.text.contains("secret"))
            #expect(try await client.send(.get, "/healthz", key: nil).status == 200)
        }
    }

    struct Surprise: Error {}

    @Test(arguments: [Surprise(), StoreError(.failed, "secret")] as [any Error & Sendable])
    func `a fault of the controller is told without its text`(error: any Error & Sendable) async throws {
        try await APIFixture(store: FailingStore(error: error)).serve { client in
            let answer = try await client.get("/api/v1/jobs")

            #expect(answer.status == 500)
            #expect(answer.code == "internal_error")
            #expect(answer.json["request_id"]?.string == answer.header("Request-Id"))
            #expect(!answer.text.contains("secret") && !answer.text.contains("Surprise"))
        }
    }

    @Test func `work that is cancelled is told as a controller going down`() async throws {
        try await APIFixture(store: FailingStore(error: CancellationError())).serve { client in
            let answer = try await client.get("/api/v1/jobs")

            #expect(answer.status == 503)
            #expect(answer.code == "unavailable")
        }
    }

    @Test func `HEAD answers as GET does, without the body`() async throws {
        try await APIFixture().serve { client in
            for path in ["/api/v1/jobs", "/api/v1/agents/web-1", unknownJob, "/nothing", "/healthz"] {
                let get = try await client.get(path)
                let head = try await client.send(.head, path)
                #expect(head.status == get.status, "\(path)")
                #expect(head.body.readableBytes == 0, "\(path)")
                #expect(get.body.readableBytes > 0, "\(path)")
                #expect(head.header("Content-Type") == get.header("Content-Type"), "\(path)")
            }
        }
    }
}
