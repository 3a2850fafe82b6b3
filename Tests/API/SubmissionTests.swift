// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import HTTPTypes
import NIOCore
import Store
import Testing

@testable import API

struct SubmissionTests {
    @Test func `a job is stored and its record answered`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let answer = try await client.submit(
                #"{"operation":{"type":"command.exec","data":{"argv":["uptime"]}},"target":"web-*","deadline":90.5,"#
                    + #""note":"ticket"}"#
            )

            let id = try #require(answer.json["id"]?.string.flatMap { JobID($0) })
            #expect(answer.status == 201)
            #expect(answer.header("Location") == "/api/v1/jobs/\(id)")
            #expect(answer.header("Content-Type") == "application/json")
            #expect(answer.json["status"] == "submitted")
            #expect(answer.json["operation"] == ["type": "command.exec", "data": ["argv": ["uptime"]]])
            #expect(answer.json["target"] == "web-*")
            #expect(answer.json["note"] == "ticket")
            #expect(answer.json["created_by"] == "admin")
            #expect(answer.json["created_at"]?.string == fixture.now.description)
            #expect(answer.json["deadline_at"]?.string == (fixture.now + .milliseconds(90_500)).description)
            #expect(answer.json["agents_total"] == 2)
            #expect(answer.json["timeline"]?.array?.map { $0["event"] } == ["submitted"])
            #expect(answer.json["timeline_total"] == 1)
            let stored = try await fixture.store.job(id)
            #expect(stored?.agentsTotal == 2)
        }
    }

    @Test func `a job belongs to the trace of its submission, and a retry to its own`() async throws {
        let fixture = try await APIFixture()
        let first = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let second = "00-00000000000000000000000000000001-0000000000000002-00"
        let body = #"{"operation":{"type":"ping"},"target":"web-1"}"#
        try await fixture.serve { client in
            func submit(_ traceparent: String) async throws -> JSONValue {
                let headers = ["traceparent": traceparent, "Idempotency-Key": "k"]
                return try await client.send(.post, "/api/v1/jobs", headers: headers, body: body).json
            }
            let job = try await submit(first)
            #expect(job["traceparent"]?.string == first)
            #expect(job["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736")
            let id = try #require(job["id"]?.string.flatMap { JobID($0) })
            let read = try await client.get("/api/v1/jobs/\(id)?expand=").json
            #expect(read["traceparent"]?.string == first && read["trace_id"] == job["trace_id"])
            let listed = try await client.get("/api/v1/jobs").items.first
            #expect(listed?["traceparent"]?.string == first)
            #expect(try await submit(second)["traceparent"]?.string == first, "it is the same job")

            let ended = try #require(try await fixture.store.job(id))
            try await fixture.end(ended, on: ["web-1"], RunOutcome(state: .failed))
            let path = "/api/v1/jobs/\(id)/retry"
            let retry = try await client.send(.post, path, headers: ["traceparent": second]).json
            #expect(retry["traceparent"]?.string == second)
            let untraced = try await client.send(.post, path, headers: ["traceparent": "nonsense"])
            #expect(untraced.status == 201 && untraced.json["traceparent"] == .null)
            #expect(untraced.json["trace_id"] == .null)
        }
    }

    @Test func `what is left out, or null, has its default`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let short = try await client.submit(#"{"operation":{"type":"ping"},"target":"_all"}"#)
            let nulls = try await client.submit(
                #"{"operation":{"type":"ping","data":{}},"target":"_all","deadline":null,"note":null}"#
            )

            for answer in [short, nulls] {
                #expect(answer.status == 201)
                #expect(answer.json["deadline_at"]?.string == (fixture.now + .seconds(3600)).description)
                #expect(answer.json["note"] == .null)
            }
        }
    }

    @Test(
        arguments: [
            (#"["#, "malformed_json", []), (#""#, "malformed_json", []),
            (#"{"operation":{"type":"ping"},"target":"_all","target":"web-1"}"#, "malformed_json", []),
            (#"[]"#, "invalid_body", [""]), (#"{}"#, "invalid_body", ["/operation", "/target"]),
            (#"{"operation":{"type":"ping"}}"#, "invalid_body", ["/target"]),
            (#"{"operation":"ping","target":"_all"}"#, "invalid_body", ["/operation"]),
            (#"{"operation":{"type":"ping","x":1},"target":"_all"}"#, "invalid_body", ["/operation/x"]),
            (#"{"operation":{"type":"ping","data":[]},"target":"_all"}"#, "invalid_body", ["/operation/data"]),
            (#"{"operation":{"type":"ping"},"target":7}"#, "invalid_body", ["/target"]),
            (#"{"operation":{"type":"ping"},"target":"_all","deadline":"1h"}"#, "invalid_body", ["/deadline"]),
            (#"{"operation":{"type":"ping"},"target":"_all","a/b":1}"#, "invalid_body", ["/a~1b"]),
            (#"{"operation":{"type":"nope"},"target":"_all"}"#, "unknown_operation", ["/operation/type"]),
            (
                #"{"operation":{"type":"command.exec","data":{}},"target":"_all"}"#, "invalid_parameters",
                ["/operation/data/argv"]
            ),
            (
                #"{"operation":{"type":"ping","data":{"x":1}},"target":"_all"}"#, "invalid_parameters",
                ["/operation/data/x"]
            ),
            (#"{"operation":{"type":"ping"},"target":"a ("}"#, "invalid_target", ["/target"]),
            (#"{"operation":{"type":"ping"},"target":"web-9"}"#, "empty_target", ["/target"]),
            (#"{"operation":{"type":"ping"},"target":"_all","deadline":0.5}"#, "out_of_range", ["/deadline"]),
            (#"{"operation":{"type":"ping"},"target":"_all","deadline":604801}"#, "out_of_range", ["/deadline"]),
        ] as [(String, String, [String])]
    )
    func `a body that cannot be taken is refused with its reason and place`(
        body: String,
        code: String,
        pointers: [String]
    ) async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let answer = try await client.submit(body)

            #expect(answer.status == 400)
            #expect(answer.code == code)
            #expect(answer.pointers == pointers)
            #expect(!answer.detail.isEmpty)
            #expect(try await fixture.store.jobs(status: nil, limit: 10, offset: 0).total == 0)
        }
    }

    @Test func `a note over its length is out of range`() async throws {
        let note = String(repeating: "n", count: 1025)
        try await APIFixture().serve { client in
            let answer = try await client.submit(#"{"operation":{"type":"ping"},"target":"_all","note":"\#(note)"}"#)

            #expect(answer.status == 400)
            #expect(answer.code == "out_of_range")
            #expect(answer.pointers == ["/note"])
        }
    }

    @Test(arguments: ["[", "{\"a\":"])
    func `deep nesting is refused`(piece: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.submit(String(repeating: piece, count: 10_000))

            #expect(answer.status == 400)
            #expect(answer.code == "malformed_json")
        }
    }

    @Test(arguments: ["text/plain", "application/jsonp", "application/x-www-form-urlencoded", "*/*"])
    func `a body that is not said to be JSON is refused`(type: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(
                .post,
                "/api/v1/jobs",
                headers: ["Content-Type": type],
                body: #"{"operation":{"type":"ping"},"target":"_all"}"#
            )

            #expect(answer.status == 415)
            #expect(answer.code == "unsupported_media_type")
        }
    }

    @Test(arguments: ["application/json; charset=utf-8", "Application/JSON"])
    func `the type may carry parameters and any case`(type: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(
                .post,
                "/api/v1/jobs",
                headers: ["Content-Type": type],
                body: #"{"operation":{"type":"ping"},"target":"_all"}"#
            )

            #expect(answer.status == 201)
        }
    }

    @Test func `a body at the limit is read, and one byte more is not`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve(router: fixture.router(maximumBody: 1000)) { client in
            let body = #"{"operation":{"type":"ping"},"target":"_all"}"#
            let full = try await client.submit(body.padding(toLength: 1000, withPad: " ", startingAt: 0))
            let over = try await client.submit(body.padding(toLength: 1001, withPad: " ", startingAt: 0))

            #expect(full.status == 201)
            #expect(over.status == 413)
            #expect(over.code == "body_too_large")
        }
    }

    @Test func `a preview names whom a target selects and stores nothing`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let answer = try await client.post("/api/v1/targets/preview", #"{"target":"group=web"}"#)

            #expect(answer.status == 200)
            #expect(
                answer.json == [
                    "items": [
                        ["id": "id-web-1", "hostname": "web-1", "connected": true],
                        ["id": "id-web-2", "hostname": "web-2", "connected": false],
                    ],
                    "total_items": 2,
                    "pagination": [
                        "limit": 1000, "offset": 0, "page": 1, "size": 1000, "total_pages": 1, "next_page": nil,
                        "previous_page": nil, "next_cursor": nil,
                    ],
                ]
            )
            #expect(try await fixture.store.jobs(status: nil, limit: 1, offset: 0).total == 0)
        }
    }

    @Test(arguments: [
        (#"{"target":"((("}"#, "invalid_target"), (#"{"target":"web-9"}"#, "empty_target"),
        (#"{"target":""}"#, "invalid_body"), (#"{"target":"_all","x":1}"#, "invalid_body"), (#"x"#, "malformed_json"),
    ])
    func `a preview that cannot be made is refused`(body: String, code: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.post("/api/v1/targets/preview", body)

            #expect(answer.status == 400)
            #expect(answer.code == code)
        }
    }

    @Test func `a preview names the first thousand and counts all`() async throws {
        let fixture = try await APIFixture(hosts: (1000..<2005).map { "web-\($0)" }, connected: [])
        try await fixture.serve { client in
            let answer = try await client.post("/api/v1/targets/preview", #"{"target":"_all"}"#)

            #expect(answer.items.count == 1000)
            #expect(answer.json["total_items"] == 1005)
        }
    }
}
