// SPDX-License-Identifier: Apache-2.0

import Jobs
import HTTPTypes
import Store
import Testing

@testable import API

struct ReadingTests {
    @Test func `jobs are listed newest first without timelines`() async throws {
        let fixture = try await APIFixture()
        var ids: [String] = []
        for _ in 0..<60 { ids.insert(try await fixture.submit().id.description, at: 0) }
        try await fixture.serve { [ids] client in
            let all = try await client.get("/api/v1/jobs?limit=100")
            let some = try await client.get("/api/v1/jobs")
            let last = try await client.get("/api/v1/jobs?limit=7&offset=55")

            #expect(all.items.map { $0["id"]?.string } == ids)
            #expect(all.json["total_items"] == 60)
            #expect(all.json["pagination"]?["limit"] == 100)
            #expect(all.items.allSatisfy { $0["timeline"] == nil })
            #expect(some.items.map { $0["id"]?.string } == Array(ids.prefix(10)))
            #expect(some.json["pagination"]?["limit"] == 10)
            #expect(last.items.map { $0["id"]?.string } == Array(ids.suffix(5)))
            #expect(last.json["pagination"]?["offset"] == 55)
        }
    }

    @Test func `jobs are listed by status`() async throws {
        let fixture = try await APIFixture()
        let open = try await fixture.submit()
        let failed = try await fixture.submit("web-1")
        try await fixture.end(failed, on: ["web-1"], RunOutcome(state: .failed))
        try await fixture.serve { client in
            let answer = try await client.get("/api/v1/jobs?status=failed")
            let others = try await client.get("/api/v1/jobs?status=submitted")
            let none = try await client.get("/api/v1/jobs?status=cancelled")

            #expect(answer.items.map { $0["id"]?.string } == [failed.id.description])
            #expect(others.items.map { $0["id"]?.string } == [open.id.description])
            #expect(none.items.isEmpty && none.json["total_items"] == 0)
            #expect(none.json["pagination"]?["next_cursor"] == .null)
            #expect(none.json["status_counts"]?["failed"] == 1 && none.json["status_counts"]?["submitted"] == 1)
        }
    }

    @Test func `a listing is gone through by cursors, whatever comes meanwhile`() async throws {
        let fixture = try await APIFixture()
        var ids: [String] = []
        for _ in 0..<5 { ids.insert(try await fixture.submit().id.description, at: 0) }
        try await fixture.serve { [ids] client in
            let first = try await client.get("/api/v1/jobs?limit=2")
            _ = try await fixture.submit()
            let cursor = try #require(first.json["pagination"]?["next_cursor"]?.string)
            let second = try await client.get("/api/v1/jobs?limit=2&cursor=\(cursor)")
            let next = try #require(second.json["pagination"]?["next_cursor"]?.string)
            let last = try await client.get("/api/v1/jobs?limit=2&cursor=\(next)")

            #expect((first.items + second.items + last.items).map { $0["id"]?.string } == ids)
            #expect(second.json["pagination"]?["offset"] == .null && second.json["total_items"] == nil)
            #expect(last.json["pagination"]?["next_cursor"] == .null)
        }
    }

    @Test func `runs are gone through by cursors`() async throws {
        let hosts = (10..<15).map { "web-\($0)" }
        let fixture = try await APIFixture(hosts: hosts)
        let job = try await fixture.submit()
        try await fixture.serve { client in
            var uri = "/api/v1/jobs/\(job.id)/runs?limit=2&status=pending"
            var names: [String?] = []
            for _ in 0..<3 {
                let answer = try await client.get(uri)
                names += answer.items.map { $0["hostname"]?.string }
                guard let cursor = answer.json["pagination"]?["next_cursor"]?.string else { break }
                uri = "/api/v1/jobs/\(job.id)/runs?limit=2&status=pending&cursor=\(cursor)"
            }

            #expect(names == hosts)
        }
    }

    @Test func `a cursor is refused where it does not belong`() async throws {
        let fixture = try await APIFixture()
        for _ in 0..<3 { _ = try await fixture.submit() }
        try await fixture.serve { client in
            let first = try await client.get("/api/v1/jobs?limit=1")
            let cursor = try #require(first.json["pagination"]?["next_cursor"]?.string)
            let uris = [
                "/api/v1/jobs?status=failed&cursor=\(cursor)", "/api/v1/jobs?offset=1&cursor=\(cursor)",
                "/api/v1/jobs?cursor=\(cursor.dropLast(3))", "/api/v1/jobs?cursor=", "/api/v1/jobs?cursor=%2B%2F%3D",
                "/api/v1/jobs?cursor=\(String(repeating: "A", count: 5000))",
            ]
            for uri in uris {
                let answer = try await client.get(uri)

                #expect(answer.status == 400 && answer.json["code"] == "invalid_query", "\(uri)")
            }
        }
    }

    @Test func `a listing is read once while nothing changes, and anew after each change`() async throws {
        let store = WatchedStore(try SQLiteStore.inMemory())
        let fixture = try await APIFixture(store: store, hosts: ["web-1"])
        _ = try await fixture.submit()
        try await fixture.serve { client in
            let first = try await client.get("/api/v1/jobs")
            let again = try await client.get("/api/v1/jobs")
            let reads = store.partsRead
            let job = try await fixture.submit()
            let changed = try await client.get("/api/v1/jobs")

            #expect(reads == 1 && first.json == again.json)
            #expect(store.partsRead == 2 && changed.items.first?["id"]?.string == job.id.description)
        }
    }

    @Test(arguments: [("/api/v1/jobs?limit=20", 20), ("/runs", 12)])
    func `a listing holds a few large items at once, and is whole`(path: String, count: Int) async throws {
        let hosts = (100..<112).map { "web-\($0)" }
        let store = WatchedStore(try SQLiteStore.inMemory())
        let fixture = try await APIFixture(store: store, hosts: hosts)
        let text = JSONValue.string(String(repeating: "x", count: 100_000))
        let texts = Array(repeating: text, count: 9)
        let operation = OperationRequest(type: "command.exec", data: ["argv": .array(["true"] + texts)])
        let job = try await fixture.submit("_all", operation)
        for _ in 1..<20 { _ = try await fixture.submit("web-100", operation) }
        try await fixture.end(job, on: hosts, RunOutcome(state: .completed, data: .array(texts)))
        let uri = path == "/runs" ? "/api/v1/jobs/\(job.id)/runs" : path
        try await fixture.serve { client in
            let answer = try await client.get(uri)

            #expect(answer.items.count == count)
            #expect(Set(answer.items.map { $0["id"] ?? $0["hostname"] }).count == count)
            #expect(store.largestPart == 4)
        }
    }

    @Test func `a job is shown with the beginning of its timeline`() async throws {
        let hosts = (100..<400).map { "web-\($0)" }
        let fixture = try await APIFixture(hosts: hosts)
        let job = try await fixture.submit()
        try await fixture.end(job, on: hosts, RunOutcome(state: .completed, changed: true))
        try await fixture.serve { client in
            let answer = try await client.get("/api/v1/jobs/\(job.id)")
            let upper = try await client.get("/api/v1/jobs/\(job.id.description.uppercased())")

            #expect(answer.status == 200)
            #expect(answer.json["status"] == "completed")
            #expect(answer.json["agents_changed"] == 300)
            #expect(answer.json["timeline"]?.array?.count == 500)
            #expect(answer.json["timeline_total"] == 901)
            #expect(upper.json == answer.json)
        }
    }

    @Test func `a timeline is read in parts, in order`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit("web-1")
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .completed))
        try await fixture.serve { client in
            let all = try await client.get("/api/v1/jobs/\(job.id)/timeline")
            let part = try await client.get("/api/v1/jobs/\(job.id)/timeline?limit=2&offset=1")

            #expect(all.items.map { $0["event"] } == ["submitted", "acknowledged", "started", "completed"])
            #expect(part.items.map { $0["event"] } == ["acknowledged", "started"])
            #expect(part.json["total_items"] == 4)
        }
    }

    @Test func `runs are listed by hostname, by state, and without data on request`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        let outcome = RunOutcome(
            state: .failed,
            changed: true,
            error: RunError(code: "non_zero_exit", message: "exit code 3"),
            data: ["exit_code": 3, "stdout": "out"]
        )
        try await fixture.end(job, on: ["web-1"], outcome)
        try await fixture.serve { client in
            let all = try await client.get("/api/v1/jobs/\(job.id)/runs")
            let failed = try await client.get("/api/v1/jobs/\(job.id)/runs?status=failed")
            let bare = try await client.get("/api/v1/jobs/\(job.id)/runs?status=failed&data=false")

            #expect(all.items.map { $0["hostname"] } == ["db-1", "web-1", "web-2"])
            #expect(all.json["pagination"]?["limit"] == 100)
            #expect(failed.items.count == 1)
            #expect(failed.json["total_items"] == 1)
            #expect(failed.items.first?["data"] == ["exit_code": 3, "stdout": "out"])
            #expect(failed.items.first?["error"] == ["code": "non_zero_exit", "message": "exit code 3"])
            #expect(bare.items.count == 1)
            #expect(bare.items.first?["data"] == nil)
        }
    }

    @Test func `runs are listed by change and by the beginning of the hostname`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .completed, changed: true))
        try await fixture.end(job, on: ["web-2"], RunOutcome(state: .completed, changed: false))
        try await fixture.serve { client in
            let cases = [
                ("changed=true", ["web-1"]), ("changed=false", ["web-2"]), ("changed=null", ["db-1"]),
                ("search=WEB-", ["web-1", "web-2"]), ("search=web-2&changed=true", []),
                ("search=web&status=completed&changed=false", ["web-2"]),
            ]
            for (query, hosts) in cases {
                let answer = try await client.get("/api/v1/jobs/\(job.id)/runs?\(query)")
                #expect(answer.items.compactMap { $0["hostname"]?.string } == hosts, "\(query)")
                #expect(answer.json["total_items"] == JSONValue(hosts.count), "\(query)")
            }
            let long = String(repeating: "w", count: 65)
            let refused = try await client.get("/api/v1/jobs/\(job.id)/runs?search=\(long)")
            #expect(refused.code == "out_of_range" && refused.parameters == ["search"])
            #expect(try await client.get("/api/v1/jobs/\(job.id)/runs?changed=maybe").code == "invalid_query")
            let first = try await client.get("/api/v1/jobs/\(job.id)/runs?limit=1&search=w")
            let cursor = try #require(first.json["pagination"]?["next_cursor"]?.string)
            let second = try await client.get("/api/v1/jobs/\(job.id)/runs?limit=1&search=W&cursor=\(cursor)")
            let other = try await client.get("/api/v1/jobs/\(job.id)/runs?limit=1&search=web&cursor=\(cursor)")
            #expect(second.items.first?["hostname"] == "web-2" && other.code == "invalid_query")
        }
    }

    @Test(arguments: [("", 100), ("?limit=1000", 520), ("?limit=1000&data=false", 520), ("?limit=33&offset=500", 20)])
    func `many runs are listed whole, each once`(query: String, count: Int) async throws {
        let hosts = (1000..<1520).map { "web-\($0)" }
        let fixture = try await APIFixture(hosts: hosts)
        let job = try await fixture.submit()
        try await fixture.end(
            job,
            on: hosts,
            RunOutcome(state: .completed, data: ["stdout": .string(String(repeating: "x", count: 999))])
        )
        try await fixture.serve { client in
            let answer = try await client.get("/api/v1/jobs/\(job.id)/runs\(query)")

            let names = answer.items.compactMap { $0["hostname"]?.string }
            #expect(names == (query.contains("offset") ? Array(hosts.suffix(20)) : Array(hosts.prefix(count))))
            #expect(answer.json["total_items"] == 520)
            #expect(answer.items.allSatisfy { ($0["data"] == nil) == query.contains("data=false") })
        }
    }

    @Test(arguments: [
        ("", ["db-1", "web-1", "web-2"], 3), ("?target=group%3Dweb", ["web-1", "web-2"], 2),
        ("?connected=true", ["web-1"], 1), ("?connected=false&target=web-*", ["web-2"], 1), ("?target=web-9", [], 0),
        ("?limit=1&offset=1", ["web-1"], 3), ("?offset=9", [], 3),
    ])
    func `agents are listed by hostname, target and connection`(
        query: String,
        names: [String],
        total: Int
    ) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.get("/api/v1/agents\(query)")

            #expect(answer.items.compactMap { $0["hostname"]?.string } == names)
            #expect(answer.json["total_items"]?.int == Int64(total))
        }
    }

    @Test func `an agent is shown with its labels and facts`() async throws {
        let fixture = try await APIFixture(hosts: ["web-1", "wéb 2"])
        try await fixture.serve { client in
            let shouted = try await client.get("/api/v1/agents/WEB-1")
            #expect(shouted.json["hostname"] == "web-1", "case does not matter, as in targets")
            let answer = try await client.get("/api/v1/agents/web-1")
            let encoded = try await client.get("/api/v1/agents/w%C3%A9b%202")

            #expect(answer.json["labels"] == ["group": "web"])
            #expect(answer.json["facts"] == ["cpus": 8])
            #expect(answer.json["connected"] == true)
            #expect(encoded.json["hostname"] == "wéb 2")
        }
    }

    @Test func `operations are listed with their schemas`() async throws {
        try await APIFixture().serve { client in
            let answer = try await client.get("/api/v1/operations")

            #expect(
                answer.items.compactMap { $0["type"]?.string } == OperationCatalogue.builtIn.descriptors.map(\.type)
            )
            #expect(answer.json["total_items"]?.int == Int64(answer.items.count))
            for item in answer.items {
                #expect(throws: Never.self) { try JSONSchema(try #require(item["schema"])) }
            }
        }
    }

    @Test func `the status counts jobs and agents`() async throws {
        let fixture = try await APIFixture()
        _ = try await fixture.submit()
        let done = try await fixture.submit("web-1")
        try await fixture.end(done, on: ["web-1"], RunOutcome(state: .completed))
        try await fixture.serve { client in
            let answer = try await client.get("/api/v1/status")

            #expect(answer.json["jobs"]?["submitted"] == 1)
            #expect(answer.json["jobs"]?["completed"] == 1)
            #expect(answer.json["jobs"]?["failed"] == 0)
            #expect(answer.json["agents"] == ["known": 3, "connected": 1])
            #expect(answer.json["version"] == "0.1.0")
        }
    }

    @Test func `the limits that are shown are those that hold`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let limits = try await client.get("/api/v1/limits").json
            let page = try #require(limits["jobs_page"]?["maximum"]?.int)
            let runs = try #require(limits["runs_page"]?["maximum"]?.int)
            let offset = try #require(limits["offset"]?.int)
            let deadline = try #require(limits["deadline_seconds"]?["maximum"]?.int)
            let job = try await fixture.submit()
            let submission = { (seconds: Int64) in
                #"{"operation":{"type":"ping"},"target":"_all","deadline":\#(seconds)}"#
            }

            #expect(try await client.get("/api/v1/jobs?limit=\(page)&offset=\(offset)").status == 200)
            #expect(try await client.get("/api/v1/jobs?limit=\(page + 1)").code == "out_of_range")
            #expect(try await client.get("/api/v1/jobs?offset=\(offset + 1)").code == "out_of_range")
            #expect(try await client.get("/api/v1/jobs/\(job.id)/runs?limit=\(runs)").status == 200)
            #expect(try await client.get("/api/v1/jobs/\(job.id)/runs?limit=\(runs + 1)").code == "out_of_range")
            #expect(try await client.submit(submission(deadline)).status == 201)
            #expect(try await client.submit(submission(deadline + 1)).code == "out_of_range")
            #expect(limits["plugins"] == 1000 && limits["plugins_bytes"] == 8_388_608)
            #expect(limits["body_bytes"] == 2_097_152)
            #expect(limits["body_seconds"] == 30)
        }
    }

    @Test func `health and readiness need no key`() async throws {
        try await APIFixture().serve { client in
            let health = try await client.send(.get, "/healthz?cache=1", key: nil)
            let readiness = try await client.send(.get, "/readyz", key: "wrong")

            #expect(health.status == 200)
            #expect(health.json == ["status": "ok"])
            #expect(readiness.status == 200)
            #expect(readiness.json == ["status": "ready"])
        }
    }
}
