// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import HummingbirdTesting
import JobDispatch
import Jobs
import NIOCore
import Store
import Testing

@testable import API

struct AuditCallTests {
    private func lines(_ fixture: APIFixture) async throws -> [AuditRecord] {
        try await fixture.access.store.audit(.oldest, beyond: nil, limit: 1000).items
    }

    @Test
    func `every change has a line: who, what, when, from where, which request and which job`() async throws {
        let fixture = try await APIFixture()
        let ended = try await fixture.submit("db-1")
        try await fixture.end(ended, on: ["db-1"], RunOutcome(state: .failed))
        try await fixture.serve(.live) { client in
            func send(_ uri: String, _ body: String? = nil) async throws -> APIClient.Answer {
                let name = uri.split(separator: "/").last.map(String.init) ?? ""
                return try await client.send(.post, uri, headers: ["Request-Id": "ask-\(name)"], body: body)
            }
            let job = try await send("/api/v1/jobs", #"{"operation":{"type":"ping"},"target":"web-*"}"#)
            let id = try #require(job.json["id"]?.string)
            _ = try await send("/api/v1/jobs/\(id)/cancel", #"{"reason":"wrong"}"#)
            let again = try await send("/api/v1/jobs/\(ended.id)/retry", "{}")
            _ = try await client.send(.delete, "/api/v1/jobs/\(ended.id)")
            _ = try await send("/api/v1/agents/web-1/drain", #"{"reason":"disk"}"#)
            _ = try await send("/api/v1/agents/web-1/resume")
            let key = try await send("/api/v1/keys", #"{"name":"ci","scopes":["job:read"]}"#)
            let keyID = try #require(key.json["key"]?["id"]?.string)
            _ = try await client.send(.delete, "/api/v1/keys/\(keyID)")

            let written = try await lines(fixture).dropFirst(3)
            #expect(
                written.map(\.entry.action) == [
                    "submitJob", "cancelJob", "retryJob", "deleteJob", "drainAgent", "resumeAgent", "createKey",
                    "revokeKey",
                ]
            )
            for entry in written.map(\.entry) {
                #expect(entry.actor == "admin" && entry.keyID == "brk_admin" && entry.outcome == .done)
                #expect(entry.time == fixture.now && entry.address == "127.0.0.1")
            }
            let entries = written.map(\.entry)
            #expect(entries[0].jobID?.description == id && entries[1].jobID?.description == id)
            #expect(entries[0].requestID == "ask-jobs" && entries[1].requestID == "ask-cancel")
            #expect(entries[0].detail == "ping on 2 agents: web-*" && entries[1].detail == "wrong")
            #expect(entries[2].jobID?.description == again.json["id"]?.string && entries[3].jobID == ended.id)
            #expect(entries[4].subject == "web-1" && entries[4].detail == "disk")
            #expect(entries[6].subject == "ci (\(keyID))")
        }
    }

    @Test func `what changed nothing has no line`() async throws {
        let fixture = try await APIFixture()
        let before = try await lines(fixture).count
        try await fixture.serve { client in
            for _ in 0..<2 {
                let body = #"{"operation":{"type":"ping"},"target":"_all"}"#
                _ = try await client.send(.post, "/api/v1/jobs", headers: ["Idempotency-Key": "k"], body: body)
            }
            _ = try await client.submit(#"{"operation":{"type":"ping"},"target":"nobody"}"#)
            _ = try await client.get("/api/v1/jobs")
            _ = try await client.get("/api/v1/jobs/nothing")
            _ = try await client.send(.delete, "/api/v1/keys/nothing")

            #expect(try await lines(fixture).count == before + 1)
        }
    }

    @Test func `every refused attempt has a line`() async throws {
        let fixture = try await APIFixture()
        let key = try await fixture.key([.jobRead, .jobWrite], target: "group=web")
        let before = try await lines(fixture).count
        try await fixture.serve { client in
            _ = try await client.send(.get, "/api/v1/jobs", key: nil)
            _ = try await client.send(.get, "/api/v1/jobs", key: "wrong")
            _ = try await client.send(.delete, "/api/v1/jobs/x", key: key)
            let everywhere = #"{"operation":{"type":"ping"},"target":"_all"}"#
            _ = try await client.send(.post, "/api/v1/jobs", key: key, body: everywhere)
            _ = try await client.send(.get, "/api/v1/nothing", key: "wrong")

            let entries = try await lines(fixture).dropFirst(before).map(\.entry)
            #expect(entries.map(\.code) == ["unauthorized", "unauthorized", "forbidden", "forbidden", "unauthorized"])
            #expect(entries.map(\.action) == ["listJobs", "listJobs", "deleteJob", "submitJob", "none"])
            #expect(entries.map(\.actor) == [nil, nil, "limited", "limited", nil])
            #expect(entries.allSatisfy { $0.outcome == .refused && $0.requestID != nil })
            #expect(entries[2].subject == "DELETE /api/v1/jobs/x")
            #expect(!entries.contains { $0.detail?.contains("wrong") == true })
        }
    }

    @Test func `however often somebody is refused, the log grows by few lines, and counts them all`() async throws {
        let fixture = try await APIFixture()
        let before = try await lines(fixture).count
        try await fixture.serve { client in
            for number in 0..<200 { _ = try await client.send(.get, "/api/v1/jobs", key: "wrong-\(number)") }
            #expect(try await lines(fixture).count == before + RefusalLog.linesOfSource)

            await fixture.access.writeDown()
            let entries = try await lines(fixture).dropFirst(before).map(\.entry)
            #expect(entries.count == RefusalLog.linesOfSource + 1)
            #expect(entries.reduce(0) { $0 + $1.count } == 200)
        }
    }

    @Test func `the log is read from either end by cursor`() async throws {
        let fixture = try await APIFixture()
        for _ in 0..<5 { _ = try await fixture.submit("web-1") }
        try await fixture.serve { client in
            func numbers(_ order: String) async throws -> [[Int64]] {
                var parts: [[Int64]] = []
                var cursor: Int64? = 0
                while let next = cursor {
                    let page = try await client.get("/api/v1/audit?order=\(order)&limit=3&cursor=\(next)")
                    parts.append(page.items.compactMap { $0["number"]?.int })
                    cursor = page.json["next"]?.int
                }
                return parts
            }
            let (oldest, newest) = (try await numbers("oldest"), try await numbers("newest"))
            #expect(oldest == [[1, 2, 3], [4, 5, 6], [7]])
            #expect(newest == [[7, 6, 5], [4, 3, 2], [1]])
            #expect(try await client.get("/api/v1/audit").items.count == 7)
            #expect(try await client.get("/api/v1/audit?order=any").status == 400)
        }
    }

    @Test func `the chain can be followed through the API`() async throws {
        let fixture = try await APIFixture()
        for _ in 0..<3 { _ = try await fixture.submit("web-1") }
        try await fixture.serve { client in
            let page = try await client.get("/api/v1/audit?order=oldest")
            let records = try JSON.decode(AuditPage.self, from: page.body.readableBytesView).items

            var chain = AuditChain()
            for record in records { try chain.check(record) }
            #expect(chain.number == 5)
        }
    }
}
