// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import JobDispatch
import Jobs
import Store
import Testing

@testable import API

/// Each status of an answer that is no success, brought about, and what all of them have in common.
struct StatusTests {
    private static let job = #"{"operation":{"type":"ping"},"target":"_all"}"#

    /// Checks what every problem carries.
    private func check(
        _ answer: APIClient.Answer,
        _ status: Int,
        _ code: APIError.Code,
        at path: String,
        headers: String...
    ) {
        #expect(answer.status == status && answer.code == code.rawValue, "\(answer.status) \(answer.text)")
        #expect(answer.header("Content-Type") == "application/problem+json")
        #expect(answer.json["type"]?.string == "/docs/problems#\(code.rawValue)")
        #expect(answer.json["title"]?.string == code.title)
        #expect(answer.json["status"]?.int == Int64(status))
        #expect(answer.json["instance"]?.string == path)
        #expect(answer.json["request_id"]?.string == answer.header("Request-Id"))
        #expect(answer.json["errors"]?.array != nil)
        for header in headers { #expect(answer.header(header) != nil, "\(header)") }
    }

    @Test func `what is wrong with a request has its status`() async throws {
        try await APIFixture().serve { client in
            let query = try await client.get("/api/v1/jobs?limit=0")
            check(query, 400, .outOfRange, at: "/api/v1/jobs")
            #expect(query.parameters == ["limit"] && query.pointers == [])
            let body = try await client.submit(#"{"operation":{"type":"ping"}}"#)
            check(body, 400, .invalidBody, at: "/api/v1/jobs")
            #expect(body.pointers == ["/target"] && body.parameters == [])
            let stranger = try await client.send(.get, "/api/v1/status", key: nil)
            check(stranger, 401, .unauthorized, at: "/api/v1/status", headers: "WWW-Authenticate")
            let wanted = #"{"name":"reader","scopes":["job:read"]}"#
            let reader = try await client.post("/api/v1/keys", wanted).json["secret"]?.string
            let weak = try await client.send(.post, "/api/v1/jobs", key: reader, body: Self.job)
            check(weak, 403, .forbidden, at: "/api/v1/jobs", headers: "WWW-Authenticate")
            check(try await client.get("/api/v1/jobs/x"), 404, .notFound, at: "/api/v1/jobs/x")
            let put = try await client.send(.put, "/api/v1/jobs")
            check(put, 405, .methodNotAllowed, at: "/api/v1/jobs", headers: "Allow")
            let open = try await client.send(.delete, "/api/v1/authorities", key: nil)
            check(open, 405, .methodNotAllowed, at: "/api/v1/authorities", headers: "Allow")
            let text = try await client.send(.post, "/api/v1/jobs", headers: ["Content-Type": "text/plain"], body: "x")
            check(text, 415, .unsupportedMediaType, at: "/api/v1/jobs")
        }
    }

    @Test func `an answer that the client does not take is not made, and nothing is done`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let page = ["Accept": "text/html, application/xml;q=0.9"]
            let listing = try await client.send(.get, "/api/v1/jobs", headers: page)
            check(listing, 406, .notAcceptable, at: "/api/v1/jobs")
            let submission = try await client.send(.post, "/api/v1/jobs", headers: page, body: Self.job)
            check(submission, 406, .notAcceptable, at: "/api/v1/jobs")
            #expect(try await client.get("/api/v1/jobs").json["total_items"] == 0)

            for (path, accept, status) in [
                ("/api/v1/jobs", "text/html, */*;q=0.1", 200), ("/metrics", "text/plain", 200),
                ("/metrics", "application/json", 406),
            ] { #expect(try await client.send(.get, path, headers: ["Accept": accept]).status == status) }
            #expect(try await client.send(.get, "/healthz", key: nil, headers: page).status == 200)
        }
    }

    @Test func `a version that there is not is no ground for a change`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.serve { client in
            let record = "/api/v1/jobs/\(job.id)"
            let path = record + "/cancel"
            let stale = try await client.send(.post, path, headers: ["If-Match": #""abc""#])
            check(stale, 412, .preconditionFailed, at: path)
            #expect(try await client.get(record).json["cancel"] == .null)

            #expect(try await client.send(.get, record, headers: ["If-Match": #""abc""#]).status == 200)
            #expect(try await client.send(.post, path, headers: ["If-Match": "*"]).status == 202)
        }
    }

    @Test func `what has ended already, or is in another state, is a conflict`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.serve { client in
            let path = "/api/v1/jobs/\(job.id)"
            check(try await client.send(.delete, path), 409, .jobNotFinished, at: path)
            let header = ["Idempotency-Key": "one"]
            let first = try await client.send(.post, "/api/v1/jobs", headers: header, body: Self.job)
            #expect(first.status == 201)
            let other = #"{"operation":{"type":"ping"},"target":"web-1"}"#
            let second = try await client.send(.post, "/api/v1/jobs", headers: header, body: other)
            check(second, 422, .idempotencyKeyReused, at: "/api/v1/jobs")
        }
    }

    @Test func `what is too large or too much has its status`() async throws {
        let fixture = try await APIFixture(requests: Quota(limit: 2, window: .seconds(60)))
        try await fixture.serve(router: fixture.router(maximumBody: 100)) { client in
            let large = try await client.submit(#"{"note":""# + String(repeating: "x", count: 200) + #""}"#)
            check(large, 413, .bodyTooLarge, at: "/api/v1/jobs")
            #expect(try await client.get("/api/v1/status").status == 200)
            let often = try await client.get("/api/v1/status")
            check(often, 429, .tooManyRequests, at: "/api/v1/status", headers: "Retry-After")
        }
    }

    struct Surprise: Error {}

    @Test func `faults of the controller have theirs`() async throws {
        try await APIFixture(store: FailingStore(error: Surprise())).serve { client in
            check(try await client.get("/api/v1/status"), 500, .internalError, at: "/api/v1/status")
        }
        try await APIFixture(store: FailingStore(error: StoreError(.full, "x"))).serve { client in
            let answer = try await client.get("/api/v1/status")
            check(answer, 503, .unavailable, at: "/api/v1/status", headers: "Retry-After")
        }
    }

    @Test(
        arguments: [
            ("/a/b%20c", "/a/b%20c"), ("/a\"<b>|", "/a%22%3Cb%3E%7C"), ("/%ZZ%4", "/%25ZZ%254"), ("/é", "/%C3%A9"),
        ]
    )
    func `the path is told as a part of a URL`(path: String, instance: String) {
        #expect(Problem.instance(path) == instance)
        #expect(Problem.instance("/" + String(repeating: "a", count: 9000)).utf8.count == 2048)
    }

    @Test func `the documentation has every code with its status, and no other`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/http-api.md"), encoding: .utf8)

        let documented = page.matches(of: /\| (\d{3}) \| `([a-z_]+)` \|/).map { "\($0.output.1) \($0.output.2)" }

        let codes = APIError.Code.allCases.map { "\(APIError($0, "").status.code) \($0.rawValue)" }
        #expect(documented.sorted() == codes.sorted())
    }
}
