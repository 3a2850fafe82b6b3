// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import JobDispatch
import Jobs
import Store
import Testing

@testable import API

/// The listing of jobs as clients ask for it: filters, pages, links, tags, and what records can have beside themselves.
struct JobListingTests {
    /// Jobs of several kinds, by name.
    private func fill(_ fixture: APIFixture) async throws -> [String: Job] {
        func submit(
            _ type: String,
            _ target: String,
            by name: String,
            _ labels: [String: String] = [:]
        ) async throws -> Job {
            let request = JobRequest(
                operation: OperationRequest(type: type),
                target: target,
                labels: labels.isEmpty ? nil : labels
            )
            return try await fixture.jobs.submit(request, by: Requester(name: name), now: fixture.now).job
        }
        let open = try await submit("ping", "_all", by: "ann", ["env": "prod"])
        let failed = try await submit("host.facts", "web-*", by: "bob", ["env": "prod", "team": "a=b"])
        try await fixture.end(failed, on: ["web-1"], RunOutcome(state: .failed, changed: false))
        try await fixture.end(failed, on: ["web-2"], RunOutcome(state: .timedOut))
        let changed = try await submit("ping", "db-1", by: "ann", ["env": "dev"])
        try await fixture.end(changed, on: ["db-1"], RunOutcome(state: .completed, changed: true, data: ["n": 1]))
        let retry = try await fixture.jobs.retry(
            failed.id,
            only: .failed,
            by: Requester(name: "cat"),
            now: fixture.now
        ).job
        return ["open": open, "failed": failed, "changed": changed, "retry": retry]
    }

    @Test func `each filter selects what it says, alone and with others`() async throws {
        let fixture = try await APIFixture()
        let jobs = try await fill(fixture)
        let names = Dictionary(uniqueKeysWithValues: jobs.map { ("\($1.id)", $0) })
        let failed = try #require(jobs["failed"])
        let cases: [(String, Set<String>)] = [
            ("", ["open", "failed", "changed", "retry"]), ("status=submitted,failed", ["open", "failed", "retry"]),
            ("status=completed", ["changed"]), ("operation=ping", ["open", "changed"]),
            ("operation=host.*", ["failed", "retry"]),
            ("operation=ping,host.facts&created_by=ann", ["open", "changed"]),
            ("changed=true", ["changed"]), ("changed=false", ["failed"]), ("changed=null", ["open", "retry"]),
            ("agent=WEB-1", ["open", "failed", "retry"]), ("agent=web-1&agent_status=failed", ["failed"]),
            ("agent=web-1&agent_status=pending,lost", ["open", "retry"]), ("created_by=bob", ["failed"]),
            ("template=x", []), ("review=pending", []), ("retry_of=\(failed.id)", ["retry"]),
            ("search=\("\(failed.id)".uppercased())", ["failed"]), ("search=zz", []),
            ("from=\(fixture.now)", ["open", "failed", "changed", "retry"]), ("to=\(fixture.now)", []),
            ("from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00%2B02:00", ["open", "failed", "changed", "retry"]),
            ("label.env=prod", ["open", "failed", "retry"]), ("label.env=prod&label.team=a%3Db", ["failed", "retry"]),
            ("label.env=prod&status=failed&operation=host.*&agent=web-2&agent_status=timed_out", ["failed"]),
        ]
        try await fixture.serve { client in
            for (query, expected) in cases {
                for style in ["", "&limit=100&offset=0", "&page=1&size=100", "&count=false"] {
                    let answer = try await client.get("/api/v1/jobs?\(query)\(style)")
                    let found = answer.items.compactMap { $0["id"]?.string.flatMap { names[$0] } }

                    #expect(answer.status == 200 && Set(found) == expected, "\(query): \(answer.text)")
                    let total = answer.json["total_items"]?.int
                    #expect(total == (style == "&count=false" ? nil : Int64(expected.count)), "\(query)\(style)")
                    #expect(answer.json["status_counts"]?["failed"] == 1)
                }
            }
        }
    }

    @Test(arguments: [
        ("page=1&limit=5", "page"), ("page=1&offset=0", "page"), ("size=5&cursor=x", "size"),
        ("offset=0&cursor=x", "cursor"), ("page=0", "page"), ("size=101", "size"), ("limit=101", "limit"),
        ("page=1000001&size=2", "page"), ("status=", "status"), ("status=failed,odd", "status"),
        ("changed=maybe", "changed"),
        ("agent_status=failed", "agent_status"), ("retry_of=012345678901234567890123456789012345", "retry_of"),
        ("search=\(String(repeating: "0", count: 65))", "search"), ("from=yesterday", "from"), ("to=2026-13-01", "to"),
        ("operation=Bad!", "operation"), ("label.=x", "label."), ("label=x", "label"), ("review=odd", "review"),
        ("expand=odd", "expand"), ("count=1", "count"), ("odd=1", "odd"), ("template=", "template"),
        ("agent=", "agent"), ("created_by=\(String(repeating: "0", count: 257))", "created_by"),
    ])
    func `what cannot be is refused, with the parameter and what is allowed`(query: String, name: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.get("/api/v1/jobs?\(query)")

            #expect(answer.status == 400 && answer.parameters == [name], "\(answer.text)")
            if query == "status=failed,odd" { #expect(answer.detail.contains("partial_failure")) }
            if name == "odd" { #expect(answer.detail.contains("created_by") && answer.detail.contains("label.KEY")) }
        }
    }

    @Test func `pages say where they are, and link to those beside them`() async throws {
        let fixture = try await APIFixture()
        for _ in 0..<25 { _ = try await fixture.submit("web-1") }
        try await fixture.serve { client in
            let second = try await client.get("/api/v1/jobs?page=2&size=10&status=submitted&agent=web-1")
            let last = try await client.get("/api/v1/jobs?limit=10&offset=20")
            let first = try await client.get("/api/v1/jobs?limit=20")
            let cursor = try #require(first.json["pagination"]?["next_cursor"]?.string)
            let rest = try await client.get("/api/v1/jobs?limit=3&cursor=\(cursor)&count=true")

            #expect(second.json["pagination"]?["page"] == 2 && second.json["pagination"]?["total_pages"] == 3)
            #expect(second.json["pagination"]?["next_page"] == 3 && second.json["pagination"]?["previous_page"] == 1)
            #expect(
                second.header("Link")
                    == [
                        "</api/v1/jobs?agent=web-1&status=submitted&page=1&size=10>; rel=\"first\"",
                        "</api/v1/jobs?agent=web-1&status=submitted&page=1&size=10>; rel=\"prev\"",
                        "</api/v1/jobs?agent=web-1&status=submitted&page=3&size=10>; rel=\"next\"",
                        "</api/v1/jobs?agent=web-1&status=submitted&page=3&size=10>; rel=\"last\"",
                    ].joined(separator: ", ")
            )
            #expect(last.json["pagination"]?["next_page"] == .null && last.header("Link")?.contains("next") == false)
            #expect(rest.items.count == 3 && rest.json["total_items"] == 25)
            #expect(rest.header("Link")?.contains("limit=3&cursor=") == true)
        }
    }

    @Test func `who polls is told by the tag that nothing has changed, until something has`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit("web-1")
        try await fixture.serve { client in
            for uri in ["/api/v1/jobs?status=submitted,processing", "/api/v1/jobs/\(job.id)"] {
                let first = try await client.get(uri)
                let tag = try #require(first.header("ETag"))
                let same = try await client.send(.get, uri, headers: ["If-None-Match": "\"x\", W/\(tag)"])
                let other = try await client.send(.get, uri, headers: ["If-None-Match": "\"x\""])

                #expect(same.status == 304 && same.text.isEmpty && same.header("ETag") == tag)
                #expect(other.status == 200 && other.json == first.json)
                #expect(first.header("Cache-Control") == "private, no-cache")
            }
            let uri = "/api/v1/jobs?status=submitted,processing"
            let tag = try #require(try await client.get(uri).header("ETag"))
            try await fixture.deliver(to: ["web-1"])
            let changed = try await client.send(.get, uri, headers: ["If-None-Match": tag])
            #expect(changed.status == 200 && changed.items.first?["status"] == "processing")
        }
    }

    @Test func `records have beside themselves what was asked for, those that failed first`() async throws {
        let hosts = (100..<250).map { "web-\($0)" }
        let fixture = try await APIFixture(hosts: hosts)
        let job = try await fixture.submit()
        try await fixture.end(job, on: Array(hosts.prefix(147)), RunOutcome(state: .completed, data: ["n": 1]))
        let error = RunError(code: "non_zero_exit", message: "exit code 3")
        try await fixture.end(job, on: ["web-248", "web-249"], RunOutcome(state: .failed, error: error))
        try await fixture.end(job, on: ["web-247"], RunOutcome(state: .timedOut))
        let single = try await fixture.submit("web-100")
        try await fixture.end(single, on: ["web-100"], RunOutcome(state: .completed, changed: true, data: ["n": 2]))
        try await fixture.serve { client in
            let whole = try await client.get("/api/v1/jobs/\(job.id)")
            let bare = try await client.get("/api/v1/jobs/\(job.id)?expand=")
            let listed = try await client.get("/api/v1/jobs?expand=responses,agent_states")

            #expect(whole.json["error"] == ["code": "non_zero_exit", "message": "exit code 3", "agents": 2])
            for name in ["responses", "agent_states"] {
                let shown = whole.json[name]?.object ?? [:]
                #expect(shown.count == 100 && shown["web-249"]?["status"] == "failed", "\(name)")
                #expect(shown["web-247"]?["status"] == "timed_out")
            }
            #expect(whole.json["truncated"] == true)
            #expect(whole.json["links"]?["runs"] == .string("/api/v1/jobs/\(job.id)/runs"))
            #expect(bare.json["responses"] == nil && bare.json["timeline"] == nil && bare.json["truncated"] == nil)
            #expect(bare.json["hostname"] == nil && bare.json["result"] == nil)
            let first = try #require(listed.items.first)
            #expect(first["hostname"] == "web-100" && first["result"] == ["n": 2] && first["truncated"] == nil)
            #expect(
                first["responses"]?["web-100"] == [
                    "hostname": "web-100", "status": "completed", "changed": true, "error": nil, "data": ["n": 2],
                ]
            )
            #expect(first["agent_states"]?["web-100"]?["duration_ms"] == 0 && first["timeline"] == nil)
            #expect(first["error"] == nil)
        }
    }

    @Test func `labels come with a submission and go on with its retry, within their bounds`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            func submit(_ labels: String) async throws -> APIClient.Answer {
                try await client.submit(#"{"operation":{"type":"ping"},"target":"web-1","labels":\#(labels)}"#)
            }
            let many = (0..<33).map { "\"n\($0)\":\"\"" }.joined(separator: ",")
            let refused = [
                try await submit(#"{"a=b":"c"}"#), try await submit(#"{"":"c"}"#), try await submit("{\(many)}"),
                try await submit("{\"a\":\"\(String(repeating: "x", count: 257))\"}"), try await submit(#"{"a":"\n"}"#),
            ]
            let good = try await submit(#"{"ticket":"4711","x/y":""}"#)

            #expect(refused.allSatisfy { $0.code == "out_of_range" && $0.pointers == ["/labels"] })
            #expect(try await submit(#"{"a":1}"#).code == "invalid_body")
            #expect(good.status == 201 && good.json["labels"] == ["ticket": "4711", "x/y": ""])
            let id = try #require(good.json["id"]?.string)
            let jobID = try #require(JobID(id))
            let job = try #require(try await fixture.store.job(jobID))
            try await fixture.end(job, on: ["web-1"], RunOutcome(state: .failed))
            let retry = try await client.send(.post, "/api/v1/jobs/\(id)/retry")
            #expect(retry.json["labels"] == good.json["labels"] && retry.json["retry_of"]?.string == id)
            let origin = try await client.get("/api/v1/jobs/\(id)")
            #expect(origin.json["retries"] == 1 && origin.json["error"]?["code"] == "failed")
            let found = try await client.get("/api/v1/jobs?label.x/y=&label.ticket=4711")
            #expect(found.items.count == 2)
        }
    }

    @Test func `a key that is limited to hosts lists its own jobs, one that is limited to operations all of these`()
        async throws
    {
        let fixture = try await APIFixture()
        let hosts = try await fixture.key([.jobRead, .jobWrite], target: "group=web")
        let facts = try await fixture.key([.jobRead], name: "facts", operations: ["host.*"])
        _ = try await fill(fixture)
        try await fixture.serve { client in
            let body = #"{"operation":{"type":"ping"},"target":"web-1"}"#
            let own = try await client.send(.post, "/api/v1/jobs", key: hosts, body: body)
            let mine = try await client.send(.get, "/api/v1/jobs", key: hosts)
            let others = try await client.send(.get, "/api/v1/jobs?created_by=ann", key: hosts)
            let operations = try await client.send(.get, "/api/v1/jobs", key: facts)
            let pings = try await client.send(.get, "/api/v1/jobs?operation=ping", key: facts)

            #expect(own.status == 201 && mine.items.map { $0["id"] } == [own.json["id"]])
            #expect(mine.json["total_items"] == 1 && mine.json["status_counts"]?["submitted"] == 1)
            #expect(mine.json["status_counts"]?["failed"] == 0)
            #expect(others.items.isEmpty && others.json["total_items"] == 0)
            #expect(operations.items.count == 2 && operations.json["total_items"] == 2)
            #expect(
                operations.json["status_counts"] == [
                    "submitted": 1, "processing": 0, "completed": 0, "failed": 1, "partial_failure": 0, "cancelled": 0,
                ]
            )
            #expect(pings.items.isEmpty)
        }
    }
}
