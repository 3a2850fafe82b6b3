// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import JobDispatch
import Jobs
import Store
import Testing

@testable import API

/// A key that is limited to a part of the fleet and to some operations, and every way around that.
struct LimitedKeyTests {
    private static let all: Set<Scope> = [.jobRead, .jobWrite, .jobCancel, .agentRead, .agentWrite]

    private func withKey(
        target: String? = "group=web",
        operations: [String]? = nil,
        _ body: @Sendable (APIFixture, APIClient, String) async throws -> Void
    ) async throws {
        let fixture = try await APIFixture()
        let key = try await fixture.key(Self.all, target: target, operations: operations)
        try await fixture.serve { client in try await body(fixture, client, key) }
    }

    private func submission(_ target: String, _ type: String = "ping") -> String {
        #"{"operation":{"type":"\#(type)"},"target":"\#(target)"}"#
    }

    @Test func `it submits within its limit, and is refused as a whole beyond it`() async throws {
        try await withKey { fixture, client, key in
            let inside = try await client.send(.post, "/api/v1/jobs", key: key, body: submission("web-*"))
            #expect(inside.status == 201 && inside.json["agents_total"] == 2)
            for target in ["_all", "db-1", "web-1 or db-1", "not web-1", "sample(3) or db-1"] {
                let outside = try await client.send(.post, "/api/v1/jobs", key: key, body: submission(target))
                #expect(outside.status == (target.hasPrefix("sample") ? 400 : 403), "\(target): \(outside.text)")
                if outside.status == 403 { #expect(outside.detail.contains("db-1") && outside.code == "forbidden") }
            }
            #expect(try await fixture.store.statusCounts().values.reduce(0, +) == 1, "nothing else was stored")
        }
    }

    @Test func `what chooses among hosts chooses within its limit, also when the choice is made again`() async throws {
        let fixture = try await APIFixture(connected: ["web-1", "db-1"])
        let key = try await fixture.key(Self.all, target: "group=web")
        try await fixture.serve { client in
            for _ in 0..<10 {
                let any = try await client.send(.post, "/api/v1/jobs", key: key, body: submission("_any"))
                #expect(any.status == 201 && any.json["target"] == "_any and (group=web)")
                let runs = try await client.get("/api/v1/jobs/\(any.json["id"]?.string ?? "")/runs")
                #expect(runs.items.first?["hostname"] == "web-1")
                let sample = try await client.send(.post, "/api/v1/jobs", key: key, body: submission("sample(100%)"))
                #expect(sample.json["agents_total"] == 2)
            }
        }
    }

    @Test func `what asks for labels or facts is asked within its limit alone, so that no answer tells of other hosts`()
        async throws
    {
        try await withKey { fixture, client, key in
            var details: [String] = []
            for target in ["db-1 and cpus=8", "db-1 and cpus=9", "db-1 and group=db", "db-1 and not group=db"] {
                let answer = try await client.send(.post, "/api/v1/jobs", key: key, body: submission(target))
                #expect(answer.status == 400, "\(target): \(answer.text)")
                details.append(answer.json["code"]?.string ?? "")
            }
            let all = try await client.send(.post, "/api/v1/jobs", key: key, body: submission("cpus=8 or db-1"))

            #expect(Set(details) == ["empty_target"])
            #expect(all.status == 201 && all.json["agents_total"] == 2)
            #expect(all.json["target"] == "(cpus=8 or db-1) and (group=web)")
        }
    }

    @Test func `it asks for no operation but its own`() async throws {
        try await withKey(target: nil, operations: ["host.*"]) { _, client, key in
            let own = try await client.send(.post, "/api/v1/jobs", key: key, body: submission("_all", "host.facts"))
            let other = try await client.send(.post, "/api/v1/jobs", key: key, body: submission("_all"))

            #expect(own.status == 201)
            #expect(other.status == 403 && other.detail.contains("host.*"))
        }
    }

    @Test func `it previews only what it could submit`() async throws {
        try await withKey { _, client, key in
            func preview(_ target: String) async throws -> APIClient.Answer {
                try await client.send(.post, "/api/v1/targets/preview", key: key, body: #"{"target":"\#(target)"}"#)
            }
            let (web, all, db) = (try await preview("web-*"), try await preview("_all"), try await preview("db-1"))
            #expect(web.json["total_items"] == 2)
            #expect(all.status == 403 && db.status == 403)
        }
    }

    @Test func `it retries nobody's job beyond its limit, neither whole nor in part`() async throws {
        let fixture = try await APIFixture()
        let key = try await fixture.key(Self.all, target: "group=web", operations: ["ping"])
        let job = try await fixture.submit()
        try await fixture.end(job, on: ["web-1", "web-2"], RunOutcome(state: .failed))
        try await fixture.end(job, on: ["db-1"], RunOutcome(state: .completed))
        let facts = try await fixture.submit("web-1", OperationRequest(type: "host.facts"))
        try await fixture.end(facts, on: ["web-1"], RunOutcome(state: .failed))
        let web = try await fixture.submit("web-*")
        try await fixture.end(web, on: ["web-1", "web-2"], RunOutcome(state: .failed))
        try await fixture.serve { client in
            for (id, only) in [(job.id, "all"), (job.id, "failed"), (job.id, "not_completed"), (facts.id, "all")] {
                let body = #"{"only":"\#(only)"}"#
                let answer = try await client.send(.post, "/api/v1/jobs/\(id)/retry", key: key, body: body)
                #expect(answer.status == 403 || answer.status == 400, "\(only): \(answer.text)")
            }
            let allowed = try await client.send(.post, "/api/v1/jobs/\(web.id)/retry", key: key)
            #expect(allowed.status == 201 && allowed.json["created_by"] == "limited")
            #expect(try await fixture.store.statusCounts().values.reduce(0, +) == 4)
        }
    }

    @Test func `jobs of an earlier key of its name are not its own`() async throws {
        let fixture = try await APIFixture()
        let request = JobRequest(operation: OperationRequest(type: "ping"), target: "db-1")
        let earlier = Timestamp(milliseconds: fixture.now.milliseconds - 1)
        let job = try await fixture.jobs.submit(request, by: Requester(name: "limited"), now: earlier).job
        let key = try await fixture.key(Self.all, target: "group=web")
        try await fixture.serve { client in
            let read = try await client.send(.get, "/api/v1/jobs/\(job.id)", key: key)
            let cancel = try await client.send(.post, "/api/v1/jobs/\(job.id)/cancel", key: key)

            #expect(read.status == 403 && cancel.status == 403)
        }
    }

    @Test func `a submission of an earlier key of its name is not repeated to it`() async throws {
        let fixture = try await APIFixture()
        let request = JobRequest(operation: OperationRequest(type: "ping"), target: "db-1")
        let earlier = Timestamp(milliseconds: fixture.now.milliseconds - 1)
        _ = try await fixture.jobs.submit(
            request,
            by: Requester(name: "limited"),
            idempotencyKey: "k",
            now: earlier
        )
        let key = try await fixture.key(Self.all, target: "group=web")
        try await fixture.serve { client in
            func submit(_ target: String, named name: String) async throws -> Int {
                let headers = ["Idempotency-Key": name]
                let body = submission(target)
                return try await client.send(.post, "/api/v1/jobs", key: key, headers: headers, body: body).status
            }
            let others = try await submit("db-1", named: "k")
            let own = [try await submit("web-1", named: "mine"), try await submit("web-1", named: "mine")]

            #expect(others == 403 && own == [201, 201])
        }
    }

    @Test func `it reads and cancels what it has submitted itself`() async throws {
        try await withKey { _, client, key in
            let job = try await client.send(.post, "/api/v1/jobs", key: key, body: submission("web-*"))
            let id = job.json["id"]?.string ?? ""
            let read = try await client.send(.get, "/api/v1/jobs/\(id)/timeline", key: key)
            let cancel = try await client.send(.post, "/api/v1/jobs/\(id)/cancel", key: key)

            #expect(read.status == 200 && cancel.status == 202)
        }
    }

    @Test func `a job of its own name on hosts that left its limit is not retried`() async throws {
        let fixture = try await APIFixture()
        let requester = Requester(name: "limited")
        let request = JobRequest(operation: OperationRequest(type: "ping"), target: "_all")
        let job = try await fixture.jobs.submit(request, by: requester, now: fixture.now).job
        try await fixture.end(job, on: ["db-1", "web-1", "web-2"], RunOutcome(state: .failed))
        let key = try await fixture.key(Self.all, target: "group=web")
        try await fixture.serve { client in
            let answer = try await client.send(.post, "/api/v1/jobs/\(job.id)/retry", key: key)

            #expect(answer.status == 403 && answer.detail.contains("db-1"))
        }
    }

    @Test func `it neither cancels, deletes nor reads a job beyond its limit`() async throws {
        let fixture = try await APIFixture()
        let key = try await fixture.key(Self.all, target: "group=web")
        let open = try await fixture.submit()
        let ended = try await fixture.submit("db-1")
        try await fixture.end(ended, on: ["db-1"], RunOutcome(state: .completed))
        let web = try await fixture.submit("web-*")
        try await fixture.serve { client in
            let refused = [
                try await client.send(.post, "/api/v1/jobs/\(open.id)/cancel", key: key),
                try await client.send(.delete, "/api/v1/jobs/\(ended.id)", key: key),
                try await client.send(.get, "/api/v1/jobs/\(open.id)", key: key),
                try await client.send(.get, "/api/v1/jobs/\(open.id)/runs", key: key),
                try await client.send(.get, "/api/v1/jobs/\(open.id)/runs?status=pending&limit=1", key: key),
                try await client.send(.get, "/api/v1/jobs/\(open.id)/runs/web-1/output", key: key),
                try await client.send(.get, "/api/v1/jobs/\(open.id)/groups", key: key),
                try await client.send(.get, "/api/v1/jobs/\(open.id)/timeline", key: key),
            ]
            #expect(refused.map(\.status) == Array(repeating: 403, count: 8))
            #expect(try await fixture.store.job(open.id)?.cancel == nil)
            #expect(try await fixture.store.job(ended.id) != nil)

            #expect(try await client.send(.get, "/api/v1/jobs/\(web.id)/runs", key: key).status == 200)
            #expect(try await client.send(.post, "/api/v1/jobs/\(web.id)/cancel", key: key).status == 202)
            #expect(try await client.send(.delete, "/api/v1/jobs/\(web.id)", key: key).status == 204)
        }
    }

    @Test func `it sees, drains and resumes only its own hosts`() async throws {
        try await withKey { fixture, client, key in
            let list = try await client.send(.get, "/api/v1/agents", key: key)
            #expect(list.items.compactMap { $0["hostname"]?.string } == ["web-1", "web-2"])
            #expect(list.json["total_items"] == 2)
            #expect(try await client.send(.get, "/api/v1/agents?target=db-1", key: key).json["total_items"] == 0)
            #expect(try await client.send(.get, "/api/v1/agents/db-1", key: key).status == 404)
            #expect(try await client.send(.post, "/api/v1/agents/db-1/drain", key: key).status == 404)
            #expect(try await client.send(.post, "/api/v1/agents/DB-1/resume", key: key).status == 404)
            #expect(fixture.directory.agent(named: "db-1")?.drain == nil)
            #expect(try await client.send(.post, "/api/v1/agents/WEB-1/drain", key: key).status == 200)
        }
    }
}
