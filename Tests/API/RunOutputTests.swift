// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Jobs
import NIOCore
import Testing

@testable import API

struct ByteRangeTests {
    @Test(
        arguments: [
            (nil, .whole), ("", .whole), ("bytes=0-0", .part(0..<1)), ("bytes=0-", .part(0..<10)),
            ("bytes=3-5", .part(3..<6)), ("BYTES=3-5", .part(3..<6)), ("bytes=9-9", .part(9..<10)),
            ("bytes=9-99999999999999999999", .part(9..<10)), ("bytes=-3", .part(7..<10)),
            ("bytes=-99", .part(0..<10)), ("bytes=10-", .unsatisfiable), ("bytes=10-12", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=5-3", .whole),
            ("bytes=0-1,3-4", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=+1-2", .whole),
            ("lines=0-1", .whole), ("bytes 0-1", .whole), ("bytes=1", .whole), ("bytes=--1", .whole),
        ] as [(String?, ByteRange)]
    )
    func `a range is read as HTTP has it`(field: String?, range: ByteRange) {
        #expect(ByteRange(field, size: 10) == range)
    }

    @Test func `of nothing there is no part`() {
        #expect(ByteRange("bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-1", size: 0) == .whole)
    }
}

/// What a command wrote, byte for byte.
struct RunOutputTests {
    private static let data: JSONValue = [
        "exit_code": 3, "stdout": "hé\0llo\n", "stdout_encoding": "utf-8", "stdout_bytes": 2000,
        "stdout_truncated": true, "stdout_sha256": .string(String(repeating: "0a", count: 32)),
        "stderr": "/wD+Cg==", "stderr_encoding": "base64", "stderr_bytes": 4, "stderr_truncated": false,
        "stderr_sha256": "no hash\r\nEvil: header",
    ]

    private func withRun(
        _ data: JSONValue? = data,
        _ body: @Sendable (APIFixture, APIClient, _ uri: String) async throws -> Void
    ) async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .failed, data: data))
        try await fixture.serve { client in
            try await body(fixture, client, "/api/v1/jobs/\(job.id)/runs/web-1/output")
        }
    }

    @Test func `text comes as text, and what is none as bytes, with what is known of the whole`() async throws {
        try await withRun { _, client, uri in
            let text = try await client.get(uri)
            let binary = try await client.get("\(uri)?stream=stderr")
            let other = try await client.get(uri.replacing("web-1", with: "WEB-1") + "?stream=stdout")

            #expect(text.status == 200 && Array(text.body.readableBytesView) == Array("hé\0llo\n".utf8))
            #expect(text.header("Content-Type") == "text/plain; charset=utf-8")
            #expect(text.header("Output-Total-Bytes") == "2000" && text.header("Output-Truncated") == "true")
            #expect(text.header("Output-SHA256") == String(repeating: "0a", count: 32))
            #expect(text.header("Accept-Ranges") == "bytes" && text.header("X-Content-Type-Options") == "nosniff")
            #expect(Array(binary.body.readableBytesView) == [0xFF, 0x00, 0xFE, 0x0A])
            #expect(binary.header("Content-Type") == "application/octet-stream")
            #expect(binary.header("Output-Total-Bytes") == "4" && binary.header("Output-Truncated") == "false")
            #expect(binary.header("Output-SHA256") == nil && binary.header("Evil") == nil)
            #expect(other.text == text.text, "upper and lower case are the same")
        }
    }

    @Test func `a part comes with its place, and what is behind the end is refused with the size`() async throws {
        try await withRun(["stdout": "0123456789"]) { _, client, uri in
            let part = try await client.send(.get, uri, headers: ["Range": "bytes=2-4"])
            let end = try await client.send(.get, uri, headers: ["Range": "bytes=-3"])
            let several = try await client.send(.get, uri, headers: ["Range": "bytes=0-1,4-5"])
            let behind = try await client.send(.get, uri, headers: ["Range": "bytes=10-"])

            #expect(part.status == 206 && part.text == "234")
            #expect(part.header("Content-Range") == "bytes 2-4/10" && part.header("Content-Length") == "3")
            #expect(end.text == "789" && end.header("Content-Range") == "bytes 7-9/10")
            #expect(several.status == 200 && several.text == "0123456789")
            #expect(behind.status == 416 && behind.code == "range_not_satisfiable")
            #expect(behind.header("Content-Range") == "bytes */10")
            #expect(part.header("Output-Total-Bytes") == nil, "it was not told")
        }
    }

    @Test func `who has a part gets the rest of the same bytes, and who has all is sent none`() async throws {
        try await withRun(["stdout": "0123456789", "stderr": "other"]) { _, client, uri in
            let whole = try await client.get(uri)
            let tag = try #require(whole.header("ETag"))
            let rest = try await client.send(.get, uri, headers: ["Range": "bytes=5-", "If-Range": tag])
            let other = try await client.send(.get, uri, headers: ["Range": "bytes=5-", "If-Range": "\"other\""])
            let weak = try await client.send(.get, uri, headers: ["Range": "bytes=5-", "If-Range": "W/" + tag])
            let again = try await client.send(.get, uri, headers: ["If-None-Match": tag, "Range": "bytes=5-"])
            let errors = try await client.get("\(uri)?stream=stderr")

            #expect(rest.status == 206 && rest.text == "56789")
            #expect(other.status == 200 && weak.status == 200 && other.text == "0123456789")
            #expect(again.status == 304 && again.text.isEmpty && again.header("ETag") == tag)
            #expect(errors.header("ETag") != tag)
        }
    }

    @Test func `a HEAD has all that a GET has but the bytes, and no parts`() async throws {
        try await withRun { _, client, uri in
            let head = try await client.send(.head, uri, headers: ["Range": "bytes=0-1"])

            #expect(head.status == 200 && head.text.isEmpty)
            #expect(head.header("Content-Length") == "8" && head.header("Output-Total-Bytes") == "2000")
            #expect(head.header("ETag") != nil)
        }
    }

    @Test func `what is not there is told from what has not come yet`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .completed, data: ["pong": true]))
        try await fixture.end(job, on: ["web-2"], RunOutcome(state: .failed))
        try await fixture.serve { client in
            let path = "/api/v1/jobs/\(job.id)/runs"
            let open = try await client.get("\(path)/db-1/output")
            let ping = try await client.get("\(path)/web-1/output")
            let bare = try await client.get("\(path)/web-2/output")
            let host = try await client.get("\(path)/web-3/output")
            let unknown = try await client.get("/api/v1/jobs/0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41/runs/web-1/output")
            let nonsense = try await client.get("/api/v1/jobs/nonsense/runs/web-1/output")
            let stream = try await client.get("\(path)/web-1/output?stream=stdin")

            #expect(open.status == 409 && open.code == "run_not_finished" && open.detail.contains("pending"))
            #expect(ping.status == 404 && ping.code == "no_output")
            #expect(bare.status == 404 && bare.code == "no_output")
            #expect(host.status == 404 && host.code == "not_found" && host.detail.contains("web-3"))
            #expect(unknown.code == "not_found" && nonsense.code == "not_found")
            #expect(stream.status == 400 && stream.parameters == ["stream"])
        }
    }

    @Test func `base64 that is none is given as the text that it is`() async throws {
        try await withRun(["stdout": "not base64!", "stdout_encoding": "base64"]) { _, client, uri in
            let answer = try await client.get(uri)

            #expect(answer.text == "not base64!" && answer.header("Content-Type") == "text/plain; charset=utf-8")
        }
    }

    @Test(arguments: [
        ("text/plain", 200), ("application/octet-stream", 200), ("text/*", 200), ("*/*", 200),
        ("application/json", 406),
    ])
    func `either kind may be asked for`(accept: String, status: Int) async throws {
        try await withRun { _, client, uri in
            let answer = try await client.send(.get, uri, headers: ["Accept": accept])

            #expect(answer.status == status)
        }
    }

    @Test func `a limited key has the output of its own jobs alone`() async throws {
        try await withRun { fixture, client, uri in
            let key = try await fixture.key([.jobRead], target: "group=web")

            let answer = try await client.send(.get, uri, key: key)

            #expect(answer.status == 403)
        }
    }

    @Test func `the description has parts, kinds and headers`() async throws {
        try await APIFixture().serve { client in
            let document = try await client.get("/openapi.json").json
            let call = document["paths"]?["/api/v1/jobs/{id}/runs/{hostname}/output"]?["get"]
            let answers = try #require(call?["responses"]?.object)

            #expect(
                answers.keys.sorted() == [
                    "200", "206", "304", "400", "401", "403", "404", "406", "409", "410", "416", "429", "500", "503",
                ]
            )
            for status in ["200", "206"] {
                let kinds = answers[status]?["content"]?.object?.keys.sorted()
                #expect(kinds == ["application/octet-stream", "text/event-stream", "text/plain; charset=utf-8"])
                #expect(answers[status]?["headers"]?["Output-Truncated"] != nil)
            }
        }
    }
}
