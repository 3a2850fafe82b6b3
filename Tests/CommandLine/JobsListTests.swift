// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Jobs
import StubController
import Synchronization
import Testing

/// `broker jobs list` with filters, and the times that they take.
@Suite(.timeLimit(.minutes(10)))
struct JobsListTests {
    private static let now = Timestamp("2026-11-21T08:30:00.125Z") ?? Timestamp(milliseconds: 0)

    @Test(arguments: [
        ("now", "2026-11-21T08:30:00.125Z"), ("today", "2026-11-21T00:00:00.000Z"),
        ("yesterday", "2026-11-20T00:00:00.000Z"), ("2h", "2026-11-21T06:30:00.125Z"),
        ("1d12h", "2026-11-19T20:30:00.125Z"), ("2026-11-01", "2026-11-01T00:00:00.000Z"),
        ("2026-11-21T10:00:00+02:00", "2026-11-21T08:00:00.000Z"),
    ])
    func `a point in time is read as people write it`(text: String, time: String) throws {
        #expect(try TimePoint(text, now: Self.now).time.description == time)
    }

    @Test(arguments: ["", "tomorrow", "2026-13-01", "2026-11-21 08:00", "2 hours", "-2h", "2026-11-21T08:00:00"])
    func `what is no time is refused`(text: String) {
        #expect(throws: UsageError.self) { try TimePoint(text, now: Self.now) }
    }

    @Test func `every filter goes to the controller as it was typed`() async throws {
        let asked = Mutex<[String]>([])
        let id = StubFleet.jobID.description
        let end = try await withStub({ request in
            asked.withLock { $0.append(request.uri) }
            return .json(Page<Job>(items: [], total: 0, limit: 10, offset: 0))
        }) {
            try await $0.run([
                "jobs", "list", "--status", "failed,partial_failure", "--status", "cancelled", "--operation",
                "service.*", "--changed", "true", "--agent", "web-1", "--agent-status", "failed", "--created-by", "ann",
                "--retry-of", id, "--search", "0198", "--from", "2026-11-20", "--to", "2026-11-21T08:30:00Z",
                "--label", "env=prod", "--label", "a=b=c", "--limit", "5", "--cursor", "xyz",
            ])
        }

        #expect(end.status == 0, "\(end)")
        #expect(
            asked.withLock { $0 } == [
                "/api/v1/jobs?status=cancelled,failed,partial_failure&operation=service.%2A&changed=true&agent=web-1"
                    .replacing(",", with: "%2C")
                    + "&agent_status=failed&created_by=ann&retry_of=\(id)&search=0198"
                    + "&from=2026-11-20T00%3A00%3A00.000Z&to=2026-11-21T08%3A30%3A00.000Z"
                    + "&label.a=b%3Dc&label.env=prod&limit=5&cursor=xyz"
            ]
        )
    }

    @Test(arguments: [
        (["--agent-status", "failed"], "--agent-status goes with --agent"),
        (["--cursor", "x", "--offset", "1"], "--cursor and --offset exclude each other"),
        (["--from", "tomorrow"], "--from: a time looks like"), (["--label", "x"], "--label 'x' is not name=value"),
        (["--label", "a=1", "--label", "a=2"], "--label 'a=2' is not name=value, or given twice"),
        (["--agent", "a", "--agent-status", "odd"], "--agent-status 'odd' is none of pending"),
    ])
    func `a filter that cannot be is refused before anything is sent`(arguments: [String], reason: String) async throws
    {
        let end = try await withFleet([.completed]) { try await $0.run(["jobs", "list"] + arguments) }

        #expect(end.status == ProgramExit.usage.rawValue && end.errors.contains(reason), "\(end)")
    }

    @Test func `behind a cursor it is said how to go on`() async throws {
        let end = try await withStub({ _ in
            .json(Page(items: [StubFleet([.completed]).job], total: nil, limit: 1, offset: nil, nextCursor: "next"))
        }) { try await $0.run("jobs", "list", "--limit", "1", "--cursor", "here") }

        #expect(end.errors == "there are more jobs: --cursor next\n", "\(end)")
    }
}

/// What `broker` shows of the runs of a job.
@Suite(.timeLimit(.minutes(10)))
struct JobRunsTests {
    @Test func `every filter of runs goes to the controller as it was typed`() async throws {
        let asked = Mutex<[String]>([])
        let id = StubFleet.jobID.description
        let end = try await withStub({ request in
            asked.withLock { $0.append(request.uri) }
            return .json(Page<Run>(items: [], total: 0, limit: 100, offset: 0))
        }) {
            try await $0.run([
                "jobs", "runs", id, "--status", "failed", "--changed", "null", "--search", "web-", "--digest", "null",
                "--limit", "5",
            ])
        }

        #expect(end.status == 0 && end.errors == "no runs\n", "\(end)")
        let query = "status=failed&changed=null&search=web-&digest=null&limit=5"
        #expect(asked.withLock { $0 } == ["/api/v1/jobs/\(id)/runs?\(query)"])
    }

    @Test func `results are a line each, and it is said where there are more`() async throws {
        let id = StubFleet.jobID.description
        let table = try await withFleet([.completed]) { try await $0.run("jobs", "get", id, "--group") }
        let json = try await withFleet([.completed]) { try await $0.run("jobs", "get", id, "--group", "-o", "json") }
        let csv = try await withFleet([.completed]) { try await $0.run("jobs", "get", id, "--group", "-o", "csv") }

        #expect(
            table.output == """
                COUNT  STATUS     EXIT  CHANGED  HOSTS                             EXCERPT
                    1  failed        3  -        web-7                             no such table⏎and ^[[31mmore
                    8  completed     0  yes      web-1 web-2 web-3 web-4 web-5 +3  -

                """,
            "\(table)"
        )
        #expect(table.errors == "and 1 more, each at least as common as the last\n")
        #expect(try JSON.decode([RunGroup].self, from: Array(json.output.utf8)) == StubFleet.groups)
        let heading = "count,status,exit,changed,error_code,digest,hosts,excerpt"
        #expect(csv.output.split(whereSeparator: \.isNewline).first.map(String.init) == heading, "\(csv)")
    }

    @Test func `output is written byte for byte, and it is said where it was shortened`() async throws {
        let id = StubFleet.jobID.description
        let text = try await withFleet([.completed]) { try await $0.run("jobs", "output", id, "web-1") }
        let binary = try await withFleet([.completed]) {
            try await $0.run(["-c", "\"$0\" jobs output \(id) web-1 --stderr | od -An -tx1"], in: "/bin/sh")
        }
        let none = try await withFleet([.completed]) { try await $0.run("jobs", "output", id, "web-9") }

        #expect(text.status == 0 && text.output == "up 3 days\n", "\(text)")
        #expect(text.errors == "shortened: 2000 bytes were written in all\n")
        #expect(binary.output == " ff 00 1b 0a\n" && binary.errors.isEmpty, "\(binary)")
        #expect(none.status == ProgramExit.refused.rawValue && none.output.isEmpty, "\(none)")
    }
}
