// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Jobs
import Testing

@testable import API

/// `GET /api/v1/jobs/{id}/groups`.
struct GroupCallTests {
    private static let hosts = (100..<108).map { "web-\($0)" }

    private static func outcome(_ text: String, _ number: UInt8) -> RunOutcome {
        RunOutcome(
            state: .completed,
            changed: true,
            data: ["exit_code": 0, "stdout": .string(text)],
            digest: ResultDigest(bytes: Array(repeating: number, count: 32))
        )
    }

    private func withJob(_ body: @Sendable (APIFixture, APIClient, _ path: String) async throws -> Void) async throws {
        let fixture = try await APIFixture(hosts: Self.hosts)
        let job = try await fixture.submit()
        try await fixture.end(job, on: Array(Self.hosts.dropFirst()), Self.outcome("same\n", 1))
        try await fixture.end(job, on: [Self.hosts[0]], Self.outcome("odd\n", 2))
        try await fixture.serve { client in try await body(fixture, client, "/api/v1/jobs/\(job.id)") }
    }

    @Test func `results are listed rarest first, and each can be listed by its digest`() async throws {
        try await withJob { _, client, path in
            let answer = try await client.get("\(path)/groups")
            let digest = try #require(answer.items.first?["digest"]?.string)
            let odd = try await client.get("\(path)/runs?digest=\(digest)&data=false")
            let upper = try await client.get("\(path)/runs?digest=\(digest.uppercased())&status=failed")
            let untold = try await client.get("\(path)/runs?digest=null")

            #expect(answer.status == 200 && answer.json["total_items"] == 2)
            #expect(
                answer.items.first == [
                    "count": 1, "status": "completed", "exit_code": 0, "changed": true, "error_code": nil,
                    "digest": .string(String(repeating: "02", count: 32)), "sample_hostnames": ["web-100"],
                    "excerpt": "odd\n",
                ]
            )
            #expect(answer.items.last?["count"] == 7)
            #expect(answer.items.last?["sample_hostnames"]?.array?.count == 5)
            #expect(odd.items.map { $0["hostname"] } == ["web-100"])
            #expect(odd.items.first?["digest"]?.string == digest)
            #expect(upper.items.isEmpty && untold.items.isEmpty)
        }
    }

    @Test func `groups come in parts, and are not sent again while nothing has changed`() async throws {
        try await withJob { _, client, path in
            let first = try await client.get("\(path)/groups?limit=1")
            let second = try await client.get("\(path)/groups?limit=1&offset=1")
            let tag = try #require(first.header("ETag"))
            let again = try await client.send(.get, "\(path)/groups?limit=1", headers: ["If-None-Match": tag])

            #expect(first.json["pagination"]?["next_page"] == 2 && first.items.count == 1)
            #expect(second.items.first?["count"] == 7 && second.json["pagination"]?["next_page"] == .null)
            #expect(again.status == 304)
            #expect(try await client.get("\(path)/groups?limit=101").code == "out_of_range")
        }
    }

    @Test func `what is no job, no digest or beyond a key's limit is refused`() async throws {
        try await withJob { fixture, client, path in
            let key = try await fixture.key([.jobRead], target: "web-100")
            let limited = try await client.send(.get, "\(path)/groups", key: key)
            let unknown = try await client.get("/api/v1/jobs/0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41/groups")

            #expect(limited.status == 403 && unknown.code == "not_found")
            for digest in ["", "0a", "none", String(repeating: "g", count: 64)] {
                let answer = try await client.get("\(path)/runs?digest=\(digest)")
                #expect(answer.code == "invalid_query" && answer.parameters == ["digest"], "\(digest)")
            }
        }
    }
}
