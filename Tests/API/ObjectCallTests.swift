// SPDX-License-Identifier: Apache-2.0

import Access
import Crypto
import Foundation
import HTTPTypes
import HummingbirdTesting
import Jobs
import Logging
import Objects
import Store
import Testing

@testable import API

/// The calls for stored objects.
@Suite(.timeLimit(.minutes(2)))
struct ObjectCallTests {
    private static let path = "/api/v1/objects/a"

    private static func hash(_ text: String) -> String { Hexadecimal.text(SHA256.hash(data: Data(text.utf8))) }

    private func with(
        _ limits: ObjectLimits = ObjectLimits(),
        _ body: @Sendable (APIFixture, APIClient) async throws -> Void
    ) async throws {
        let path = NSTemporaryDirectory() + "api-objects-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var fixture = try await APIFixture()
        let store = try #require(fixture.store as? any ObjectStore)
        let now = fixture.now
        fixture.objects = ObjectService(
            store: store,
            directory: try ObjectDirectory(path: path),
            limits: limits,
            wallClock: { now },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let made = fixture
        try await made.serve { try await body(made, $0) }
    }

    private func put(
        _ client: APIClient,
        _ uri: String,
        _ body: String,
        _ headers: [String: String] = [:]
    ) async throws -> APIClient.Answer {
        let type = ["Content-Type": "application/octet-stream"]
        return try await client.send(.put, uri, headers: type.merging(headers) { $1 }, body: body)
    }

    @Test func `an object is stored, told, read, replaced and deleted`() async throws {
        try await with { _, client async throws in
            let made = try await put(client, "/api/v1/objects/hosts%2Fa", "hello")
            #expect(made.status == 201)
            #expect(made.header("Location") == "/api/v1/objects/hosts%2Fa")
            let expected: JSONValue = [
                "name": "hosts/a", "sha256": .string(Self.hash("hello")), "size": 5,
                "created_at": made.json["created_at"] ?? .null, "created_by": "admin",
            ]
            #expect(made.json == expected)
            #expect(try await client.get("/api/v1/objects/hosts%2Fa").json == expected)
            #expect(try await client.get("/api/v1/objects?prefix=hosts%2F").items == [expected])
            #expect(try await client.get("/api/v1/objects?prefix=x").items.isEmpty)
            let content = try await client.get("/api/v1/objects/hosts%2Fa/content")
            #expect(content.text == "hello")
            #expect(content.header("ETag") == "\"\(Self.hash("hello"))\"")
            #expect(content.header("Content-Type") == "application/octet-stream")
            #expect(try await put(client, "/api/v1/objects/hosts%2Fa", "hello").status == 200)
            #expect(try await put(client, "/api/v1/objects/hosts%2Fa", "bye").json["size"] == 3)
            #expect(try await client.send(.delete, "/api/v1/objects/hosts%2Fa").status == 204)
            #expect(try await client.send(.delete, "/api/v1/objects/hosts%2Fa").code == "not_found")
            #expect(try await client.get("/api/v1/objects/hosts%2Fa").code == "not_found")
            #expect(try await client.get("/api/v1/objects/hosts%2Fa/content").code == "not_found")
            let actions = try await client.get("/api/v1/audit").items.compactMap { $0["action"]?.string }
            // To store again what is there already changes nothing.
            #expect(actions.prefix(3) == ["deleteObject", "putObject", "putObject"])
        }
    }

    @Test(
        arguments: [
            ("bytes=0-0", 206, "0", "bytes 0-0/10"), ("bytes=4-", 206, "456789", "bytes 4-9/10"),
            ("bytes=-3", 206, "789", "bytes 7-9/10"), ("bytes=2-99", 206, "23456789", "bytes 2-9/10"),
            ("bytes=-99", 206, "0123456789", "bytes 0-9/10"), ("bytes=10-", 416, nil, "bytes */10"),
            ("bytes=-0", 416, nil, "bytes */10"), ("bytes=0-1,3-4", 200, "0123456789", nil),
            ("bytes=5-2", 200, "0123456789", nil), ("lines=1-2", 200, "0123456789", nil),
            ("bytes=a-b", 200, "0123456789", nil),
        ] as [(String, Int, String?, String?)]
    )
    func `a range of bytes is given`(range: String, status: Int, text: String?, contentRange: String?) async throws {
        try await with { _, client async throws in
            _ = try await put(client, Self.path, "0123456789")
            let answer = try await client.send(.get, Self.path + "/content", headers: ["Range": range])

            #expect(answer.status == status)
            if let text { #expect(answer.text == text) } else { #expect(answer.code == "range_not_satisfiable") }
            #expect(answer.header("Content-Range") == contentRange)
            let other = ["Range": range, "If-Range": "\"other\""]
            #expect(try await client.send(.get, Self.path + "/content", headers: other).text == "0123456789")
        }
    }

    @Test func `who has the bytes is not sent them again`() async throws {
        try await with { _, client async throws in
            _ = try await put(client, Self.path, "hello")
            let known = ["If-None-Match": "\"\(Self.hash("hello"))\""]

            #expect(try await client.send(.get, Self.path + "/content", headers: known).status == 304)
        }
    }

    @Test func `bytes that were not announced, and names that are none, are refused`() async throws {
        try await with { _, client async throws in
            let digest = Data(SHA256.hash(data: Data("hello".utf8))).base64EncodedString()
            let right = ["Content-Digest": "sha-512=:AAAA:, sha-256=:\(digest):"]
            #expect(try await put(client, Self.path, "other", right).code == "digest_mismatch")
            #expect(
                try await put(client, Self.path, "hello", ["Content-Digest": "sha-256=x"]).code == "digest_mismatch"
            )
            #expect(try await put(client, Self.path + "?sha256=" + Self.hash("x"), "hello").code == "digest_mismatch")
            #expect(try await put(client, Self.path + "?sha256=x", "hello").code == "invalid_query")
            #expect(try await put(client, "/api/v1/objects/-a", "hello").code == "invalid_object_name")
            #expect(try await put(client, "/api/v1/objects/a%2F..", "hello").code == "invalid_object_name")
            #expect(try await client.get(Self.path).status == 404)
            #expect(try await put(client, Self.path, "hello", right).status == 201)
            #expect(try await put(client, Self.path, "hello", ["If-None-Match": "*"]).code == "precondition_failed")
        }
    }

    @Test func `too large an object, or too many bytes in all, are refused`() async throws {
        var limits = ObjectLimits()
        limits.maximumBytes = 5
        limits.totalBytes = 8
        try await with(limits) { _, client async throws in
            #expect(try await put(client, Self.path, "123456").code == "body_too_large")
            #expect(try await put(client, Self.path, "12345").status == 201)
            let full = try await put(client, "/api/v1/objects/b", "1234")
            #expect(full.status == 507)
            #expect(full.code == "objects_full")
            #expect(try await client.get("/api/v1/limits").json["object_bytes"] == 5)
        }
    }

    @Test func `a listing goes on where the part before ended`() async throws {
        try await with { _, client async throws in
            for name in ["a", "b", "b%2Fc", "c"] { _ = try await put(client, "/api/v1/objects/" + name, name) }
            let first = try await client.get("/api/v1/objects?limit=2").json
            let cursor = try #require(first["pagination"]?["next_cursor"]?.string)
            let second = try await client.get("/api/v1/objects?limit=2&cursor=\(cursor)").json

            let names = [first, second].flatMap { ($0["items"]?.array ?? []).compactMap { $0["name"]?.string } }
            #expect(names == ["a", "b", "b/c", "c"])
            #expect(second["pagination"]?["next_cursor"]?.string == nil)
        }
    }

    @Test func `reading and storing need their scopes, and a limited key has none of it`() async throws {
        try await with { fixture, client async throws in
            let reader = try await fixture.key([.objectRead], name: "reader")
            let writer = try await fixture.key([.objectWrite], name: "writer")
            let limited = try await fixture.key([.objectRead, .objectWrite], target: "group=web")
            _ = try await put(client, Self.path, "x")
            let type = ["Content-Type": "application/octet-stream"]

            #expect(try await client.send(.get, Self.path, key: reader).status == 200)
            #expect(try await client.send(.get, Self.path, key: writer).code == "forbidden")
            #expect(try await client.send(.put, Self.path, key: reader, headers: type, body: "y").code == "forbidden")
            #expect(try await client.send(.put, Self.path, key: writer, headers: type, body: "y").status == 200)
            for path in [Self.path, Self.path + "/content", "/api/v1/objects"] {
                #expect(try await client.send(.get, path, key: limited).code == "forbidden")
            }
            #expect(try await client.send(.put, Self.path, key: limited, headers: type, body: "z").code == "forbidden")
            #expect(try await client.send(.delete, Self.path, key: limited).code == "forbidden")
        }
    }

    @Test func `an object is larger than all bodies together may be`() async throws {
        try await with { fixture, _ async throws in
            let text = String(repeating: "0123456789abcdef", count: 20 * 1024)
            try await fixture.serve(.live, bodies: (maximum: 100_000, ofKey: 50_000)) { client in
                let made = try await put(client, Self.path, text)
                #expect(made.status == 201)
                #expect(made.json["sha256"]?.string == Self.hash(text))
                #expect(try await client.get(Self.path + "/content").text == text)
            }
        }
    }

    @Test func `the body of an object may take long, as long as enough of it comes in`() async throws {
        var limits = ConnectionLimits()
        limits.bodyTime = .seconds(15)
        limits.streamedBytes = 1
        try await with { [limits] fixture, _ async throws in
            try await fixture.serve(.live, connections: limits) { client in
                let port = try #require(client.client.port)
                let head = """
                    PUT \(Self.path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(APIFixture.secret)\r\n\
                    Content-Type: application/octet-stream\r\nContent-Length: 5\r\n\r\n
                    """
                try await RawConnection.open(port: port) { connection in
                    try await connection.send(head)
                    for _ in 0..<5 {
                        try await connection.send("x")
                        try await Task.sleep(for: .seconds(4))
                    }
                    #expect(try await connection.receive(until: "}").hasPrefix("HTTP/1.1 201 "))
                }
                try await RawConnection.open(port: port) { connection in
                    try await connection.send(head + "x")
                    #expect(try await connection.receive(until: "}").hasPrefix("HTTP/1.1 408 "))
                }
            }
        }
    }
}
