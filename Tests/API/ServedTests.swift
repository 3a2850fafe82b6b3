// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs
import Store
import Synchronization
import NIOCore
import HummingbirdTesting
import Testing

@testable import API

/// What only shows on a real connection.
@Suite(.timeLimit(.minutes(10)))
struct ServedTests {
    private let head = """
        POST /api/v1/jobs HTTP/1.1\r
        Host: localhost\r
        Authorization: Bearer \(APIFixture.secret)\r
        Content-Type: application/json\r

        """

    @Test func `a job is submitted and read over one connection`() async throws {
        try await APIFixture().serve(.live) { client in
            let submitted = try await client.submit(#"{"operation":{"type":"ping"},"target":"_all"}"#)
            let location = try #require(submitted.header("Location"))
            let read = try await client.get(location)
            let head = try await client.send(.head, location)
            let again = try await client.get(location)

            #expect(submitted.status == 201)
            #expect(read.json["id"] == submitted.json["id"])
            #expect(head.status == 200)
            #expect(head.body.readableBytes == 0)
            #expect(again.json == read.json)
        }
    }

    @Test func `a chunked body over the limit is refused, and the server goes on`() async throws {
        try await APIFixture().serve(.live) { [head] client in
            let port = try #require(client.client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send(head + "Transfer-Encoding: chunked\r\n\r\n")
                let chunk = "10000\r\n" + String(repeating: " ", count: 65_536) + "\r\n"
                for _ in 0..<33 { try await connection.send(chunk) }
                let refused = try await connection.receive(until: "}")

                #expect(refused.hasPrefix("HTTP/1.1 413 "))
                #expect(refused.contains("body_too_large"))
            }
            #expect(try await client.get("/healthz").status == 200)
        }
    }

    @Test func `a body that is announced too large is refused before it comes`() async throws {
        try await APIFixture().serve(.live) { [head] client in
            let port = try #require(client.client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send(head + "Content-Length: 2097153\r\n\r\n")
                let refused = try await connection.receive(until: "}")

                #expect(refused.hasPrefix("HTTP/1.1 413 "))
            }
        }
    }

    @Test func `a body that is no HTTP is refused and the server goes on`() async throws {
        try await APIFixture().serve(.live) { [head] client in
            let port = try #require(client.client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send(head + "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n")
                let refused = try await connection.receive(until: "never")

                #expect(refused.hasPrefix("HTTP/1.1 400 "))
            }
            #expect(try await client.get("/api/v1/jobs").json["total_items"] == 0)
        }
    }

    @Test(arguments: [
        "*", "http://", "http://localhost", "http://localhost:x/api/v1/jobs", "//", "/?", "?", "/%", "/%00",
        "/api/v1/jobs?%", "/api/v1/jobs?limit=%31%", "/api/v1/jobs?=&=", "/api/v1/jobs#x?y", "/api/v1/../v1/jobs",
        "/api/v1/jobs/" + String(repeating: "a", count: 50_000), "/" + String(repeating: "/", count: 50_000),
    ])
    func `no request target brings the server down`(target: String) async throws {
        try await APIFixture().serve(.live) { client in
            let port = try #require(client.client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                let answer = try await connection.receive(until: "never")

                #expect(answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(100))")
            }
            #expect(try await client.get("/healthz").status == 200)
        }
    }

    @Test func `a listing that fails half way does not look whole`() async throws {
        let fixture = try await APIFixture()
        let router = fixture.router()
        router.get("half") { _, _ in
            try await Self.listing(limit: 30) { place in
                if place > 0 { throw StoreError(.failed, "gone") }
            }
        }
        try await fixture.serve(.live, router: router) { client in
            let port = try #require(client.client.port)
            try await RawConnection.open(port: port) { connection in
                try await connection.send("GET /half HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let answer = try await connection.receive(until: "\r\n0\r\n\r\n")

                #expect(!answer.hasSuffix("\r\n0\r\n\r\n"))
                #expect(!answer.contains("total_items"))
            }
        }
    }

    @Test func `a listing in many slices is whole, and goes on behind the last item of each`() async throws {
        let fixture = try await APIFixture()
        let router = fixture.router()
        let places = Mutex<[Int]>([])
        router.get("slices") { _, _ in
            try await Self.listing(limit: 25) { place in places.withLock { $0.append(place) } }
        }
        try await fixture.serve(router: router) { client in
            let answer = try await client.get("/slices")

            #expect(answer.items.compactMap(\.int) == Array(0..<25))
            #expect(answer.json["total_items"] == 100)
            #expect(answer.json["pagination"]?["limit"] == 25)
            #expect(
                answer.json["pagination"]?["next_cursor"]?.string == ListingCursor(listing: "numbers").text(after: "24")
            )
            #expect(places.withLock { $0 } == [0, 10, 20])
        }
    }

    /// A listing of the numbers from 0 on in slices of ten at most; `check` is told with which number a slice begins.
    private static func listing(
        limit: Int,
        _ check: @escaping @Sendable (Int) throws -> Void
    ) async throws -> Response {
        let listing = Listing<JSONValue, Int64>(
            start: .offset(0),
            limit: limit,
            cursor: ListingCursor(listing: "numbers"),
            key: { $0.int ?? 0 },
            keyText: { String($0) }
        ) { window in
            var first: Int64 = 0
            if case .after(let last) = window.start { first = last + 1 }
            try check(Int(first))
            let items = (first..<first + Int64(min(10, window.limit))).map(JSONValue.int)
            return ListingPart(items: items, hasMore: true, total: 100)
        }
        return try #require(try await listing.answer()?.response)
    }
}
