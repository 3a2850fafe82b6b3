// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import JobDispatch
import Jobs
import NIOCore
import Randomness
import Store
import Testing

@testable import API

/// An export has what the listing has, for every filter and every key.
struct ExportFilterTests {
    private static let path = "/api/v1/jobs/export?from=2027-01-01T00:00:00Z&to=2027-02-01T00:00:00Z"

    /// Jobs in every condition, by three submitters.
    private func fill(_ fixture: APIFixture, _ random: inout SeededGenerator) async throws {
        var ids: [JobID] = []
        let ends = [
            RunOutcome(state: .completed, changed: true), RunOutcome(state: .completed, changed: false),
            RunOutcome(state: .failed), RunOutcome(state: .skipped), RunOutcome(state: .timedOut),
        ]
        for number in 0..<60 {
            let request = JobRequest(
                operation: OperationRequest(type: ["ping", "host.facts"].randomElement(using: &random) ?? "ping"),
                target: ["web-1", "web-*", "db-1", "_all"].randomElement(using: &random) ?? "_all",
                labels: number % 3 == 0 ? nil : ["team": number % 2 == 0 ? "a" : "b"]
            )
            let name = ["ann", "bob", "limited"].randomElement(using: &random)
            let job = try await fixture.jobs.submit(request, by: Requester(name: name), now: fixture.now).job
            ids.append(job.id)
            let hosts = ["web-1", "web-2", "db-1"].filter { _ in Int.random(in: 0..<3, using: &random) > 0 }
            guard let end = ends.randomElement(using: &random) else { continue }
            try await fixture.end(job, on: hosts, end)
            if number % 10 == 9, let old = ids.randomElement(using: &random) {
                _ = try await fixture.store.delete(old, audit: nil)
            }
        }
    }

    private func filter(_ random: inout SeededGenerator) -> String {
        let choices: [[String]] = [
            ["status=submitted,failed", "status=completed", "status=processing,partial_failure"],
            ["operation=host.*", "operation=ping", "operation=none"], ["changed=true", "changed=null"],
            ["agent=WEB-1", "agent=db-1&agent_status=completed,skipped", "agent=nobody"],
            ["created_by=ann", "created_by=limited"], ["label.team=a", "label.team=b"], ["search=01", "search=ff"],
        ]
        let chosen = choices.compactMap { Int.random(in: 0..<4, using: &random) == 0 ? $0.randomElement() : nil }
        return chosen.map { "&\($0)" }.joined()
    }

    /// What the listing gives to a key, page by page.
    private func listed(_ query: String, _ key: String, _ client: APIClient) async throws -> [JSONValue] {
        var jobs: [JSONValue] = []
        var cursor = ""
        while true {
            let page = try await client.send(.get, "/api/v1/jobs?limit=7\(query)\(cursor)", key: key)
            jobs += page.items
            guard let next = page.json["pagination"]?["next_cursor"]?.string else { return jobs }
            cursor = "&cursor=\(next)"
        }
    }

    @Test(arguments: [1, 2])
    func `any filter exports what it lists, to keys without limits and with them`(seed: UInt64) async throws {
        let fixture = try await APIFixture()
        var random = SeededGenerator(seed: seed)
        try await fill(fixture, &random)
        let keys = [
            APIFixture.secret, try await fixture.key([.jobRead], name: "limited", target: "group=web"),
            try await fixture.key([.jobRead], name: "facts", operations: ["host.*"]),
            try await fixture.key([.jobRead], name: "both", target: "_all", operations: ["ping"]),
        ]
        let queries = [""] + (0..<40).map { _ in filter(&random) }
        let lines = ["Accept": "application/x-ndjson"]
        try await fixture.serve(exportPart: 7) { client in
            for (place, key) in keys.enumerated() {
                for query in queries {
                    let expected = try await listed(query, key, client).map { $0["id"] }
                    let jobs = try await client.send(.get, Self.path + query, key: key, headers: lines).lines
                    let table = try await client.send(.get, Self.path + query, key: key)
                    let runs = try await client.send(.get, Self.path + query + "&rows=runs", key: key, headers: lines)

                    #expect(jobs.map { $0["job_id"] } == expected, "\(query)")
                    let cells = CSVReader.records(table.text)?.dropFirst().map { JSONValue.string($0[0]) }
                    #expect(cells == expected.compactMap(\.self), "\(query)")
                    #expect(runs.lines.count == jobs.reduce(0) { $0 + Int($1["agents_total"]?.int ?? 0) }, "\(query)")
                    var ofRuns: [JSONValue?] = []
                    for run in runs.lines where ofRuns.last != run["job_id"] { ofRuns.append(run["job_id"]) }
                    #expect(ofRuns == expected, "\(query)")
                    if place == 0, query.isEmpty { #expect(jobs.count > 45) }
                }
            }
        }
    }

    @Test func `a key that is limited exports its own jobs, or those of its operations, and never others`() async throws
    {
        let fixture = try await APIFixture()
        let hosts = try await fixture.key([.jobRead, .jobWrite], target: "group=web")
        let facts = try await fixture.key([.jobRead], name: "facts", operations: ["host.*"])
        let others = try await fixture.submit("web-1")
        let facted = try await fixture.submit("db-1", OperationRequest(type: "host.facts"))
        let lines = ["Accept": "application/x-ndjson"]
        try await fixture.serve { client in
            let body = #"{"operation":{"type":"ping"},"target":"web-*"}"#
            let own = try await client.send(.post, "/api/v1/jobs", key: hosts, body: body)
            for rows in JobExport.Rows.allCases {
                let mine = try await client.send(.get, "\(Self.path)&rows=\(rows)", key: hosts, headers: lines)
                let ofFacts = try await client.send(.get, "\(Self.path)&rows=\(rows)", key: facts, headers: lines)
                let forged = try await client.send(
                    .get,
                    "\(Self.path)&rows=\(rows)&created_by=admin&search=\(others.id)",
                    key: hosts,
                    headers: lines
                )

                #expect(Set(mine.lines.map { $0["job_id"] }) == [own.json["id"]] && own.status == 201)
                #expect(mine.lines.count == (rows == .jobs ? 1 : 2))
                #expect(ofFacts.lines.map { $0["job_id"] } == [.string("\(facted.id)")])
                #expect(forged.status == 200 && forged.body.readableBytes == 0)
            }
        }
    }
}
