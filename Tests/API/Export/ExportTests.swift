// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import JobDispatch
import Jobs
import NIOCore
import Store
import Testing

@testable import API

/// `GET /api/v1/jobs/export`: what is in it, and for whom.
struct ExportTests {
    private static let path = "/api/v1/jobs/export?from=2027-01-01T00:00:00Z&to=2027-02-01T00:00:00Z"
    private static let jobColumns = [
        "job_id", "operation", "status", "changed", "created_at", "started_at", "completed_at", "target", "created_by",
        "agents_total", "agents_completed", "agents_failed", "agents_changed", "error_code", "error_message",
        "parameters",
    ]
    private static let runColumns = [
        "job_id", "hostname", "agent_id", "operation", "status", "changed", "attempt", "created_at", "acknowledged_at",
        "started_at", "completed_at", "duration_ms", "exit_code", "error_code", "error_message",
    ]
    private static let lines = ["Accept": "application/x-ndjson"]
    private static let time = "2027-01-15T08:00:00.125Z"

    /// Two jobs: one that failed on one of three hosts, and one that nothing is known of.
    private func fill(_ fixture: APIFixture) async throws -> (failed: Job, open: Job) {
        let command = OperationRequest(type: "command.exec", data: ["argv": ["echo", "a,\"b\"\n=c"]])
        let failed = try await fixture.submit("web-* or db-1", command)
        try await fixture.end(
            failed,
            on: ["web-1"],
            RunOutcome(state: .completed, changed: true, data: ["exit_code": 0])
        )
        try await fixture.end(failed, on: ["db-1"], RunOutcome(state: .skipped))
        let error = RunError(code: "non_zero_exit", message: "=cmd|' /C calc'!A0, \"quoted\"\r\n-1")
        try await fixture.end(
            failed,
            on: ["web-2"],
            RunOutcome(state: .failed, changed: false, error: error, data: ["exit_code": 3])
        )
        return (failed, try await fixture.submit("web-1"))
    }

    @Test func `jobs are a table for spreadsheets, newest first, one line each`() async throws {
        let fixture = try await APIFixture()
        let (failed, open) = try await fill(fixture)
        try await fixture.serve { client in
            let answer = try await client.get(Self.path)

            #expect(answer.status == 200 && answer.header("Content-Type") == "text/csv; charset=utf-8")
            #expect(
                answer.header("Content-Disposition")
                    == "attachment; filename=\"broker-jobs-20270101T000000Z-20270201T000000Z.csv\""
            )
            #expect(Array(answer.body.readableBytesView.prefix(3)) == [0xEF, 0xBB, 0xBF])
            let text = String(decoding: answer.body.readableBytesView.dropFirst(3), as: UTF8.self)
            let records = try #require(CSVReader.records(text), "\(text)")
            #expect(
                records == [
                    Self.jobColumns,
                    [
                        "\(open.id)", "ping", "submitted", "", Self.time, "", "", "web-1", "admin", "1", "0", "0", "0",
                        "", "",
                        "{}",
                    ],
                    [
                        "\(failed.id)", "command.exec", "partial_failure", "true", Self.time, Self.time, Self.time,
                        "web-* or db-1", "admin", "3", "3", "1", "1", "non_zero_exit",
                        "'=cmd|' /C calc'!A0, \"quoted\"\r\n'-1", #"{"argv":["echo","a,\"b\"\n=c"]}"#,
                    ],
                ]
            )
        }
    }

    @Test func `runs are a table by job and host`() async throws {
        let fixture = try await APIFixture()
        let (failed, open) = try await fill(fixture)
        try await fixture.serve { client in
            let answer = try await client.get(Self.path + "&rows=runs")

            let text = String(decoding: answer.body.readableBytesView.dropFirst(3), as: UTF8.self)
            let records = try #require(CSVReader.records(text), "\(text)")
            #expect(records.first == Self.runColumns && records.count == 5)
            #expect(
                records[1] == [
                    "\(open.id)", "web-1", "id-web-1", "ping", "pending", "", "1", Self.time, "", "", "", "", "", "",
                    "",
                ]
            )
            #expect(records[2...].map { $0[1] } == ["db-1", "web-1", "web-2"])
            #expect(records[2...].map { $0[4] } == ["skipped", "completed", "failed"])
            #expect(records[2...].map { $0[5] } == ["", "true", "false"])
            #expect(records[2...].map { $0[12] } == ["", "0", "3"])
            #expect(
                records[4] == [
                    "\(failed.id)", "web-2", "id-web-2", "command.exec", "failed", "false", "1", Self.time, Self.time,
                    Self.time, Self.time, "0", "3", "non_zero_exit", "'=cmd|' /C calc'!A0, \"quoted\"\r\n'-1",
                ]
            )
            #expect(answer.header("Content-Disposition")?.contains("broker-runs-") == true)
        }
    }

    @Test func `lines of JSON have the same columns, and all as it is`() async throws {
        let fixture = try await APIFixture()
        let (failed, open) = try await fill(fixture)
        try await fixture.serve { client in
            let answer = try await client.send(.get, Self.path, headers: Self.lines)
            let runs = try await client.send(.get, Self.path + "&rows=runs&status=partial_failure", headers: Self.lines)

            #expect(answer.header("Content-Type") == "application/x-ndjson")
            #expect(answer.header("Content-Disposition")?.hasSuffix(".ndjson\"") == true)
            #expect(answer.text.hasSuffix("}\n"))
            let records = answer.lines
            #expect(records.map { $0["job_id"] } == [.string("\(open.id)"), .string("\(failed.id)")])
            #expect(records.allSatisfy { $0.object?.keys.sorted() == Self.jobColumns.sorted() })
            #expect(
                records[0]["started_at"] == .null && records[0]["changed"] == .null && records[0]["agents_total"] == 1
            )
            #expect(records[1]["parameters"] == ["argv": ["echo", "a,\"b\"\n=c"]] && records[1]["changed"] == true)
            #expect(records[1]["error_message"] == "=cmd|' /C calc'!A0, \"quoted\"\r\n-1")
            #expect(runs.lines.map { $0["exit_code"] } == [.null, 0, 3])
            #expect(runs.lines.allSatisfy { $0.object?.keys.sorted() == Self.runColumns.sorted() })
            #expect(runs.lines.last?["completed_at"] == .string(Self.time))
        }
    }

    @Test(arguments: [
        ("", "from"), ("from=2027-01-01T00:00:00Z", "to"), ("to=2027-01-01T00:00:00Z", "from"),
        ("from=2027-01-01T00:00:00Z&to=2028-01-02T00:00:00.001Z", "to"),
        ("from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z", "to"), ("from=yesterday&to=2027-01-01T00:00:00Z", "from"),
    ])
    func `it needs a time of at most 366 days`(query: String, name: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.get("/api/v1/jobs/export?\(query)")

            #expect(answer.status == 400 && answer.parameters == [name], "\(answer.text)")
            #expect(["invalid_query", "out_of_range"].contains(answer.code))
        }
    }

    @Test func `a year and a day are not too long, and no time at all is empty`() async throws {
        let fixture = try await APIFixture()
        _ = try await fixture.submit()
        try await fixture.serve { client in
            let year = try await client.get("/api/v1/jobs/export?from=2027-01-01T00:00:00Z&to=2028-01-02T00:00:00Z")
            let nothing = try await client.get("/api/v1/jobs/export?from=2027-01-01T00:00:00Z&to=2027-01-01T00:00:00Z")
            let nothingElse = try await client.send(
                .get,
                Self.path + "&template=x&rows=runs",
                headers: Self.lines
            )

            #expect(year.status == 200 && CSVReader.records(year.text)?.count == 2)
            #expect(nothing.status == 200 && CSVReader.records(nothing.text)?.count == 1)
            #expect(nothingElse.status == 200 && nothingElse.body.readableBytes == 0)
        }
    }

    @Test(arguments: [
        "limit=5", "offset=0", "page=1", "size=5", "cursor=x", "expand=timeline", "count=true", "rows=lines",
        "status=odd",
        "agent_status=failed", "operation=Bad!", "from=2027-01-01T00:00:00Z",
    ])
    func `parameters that are not for it are refused, and so are bad ones`(parameter: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.get(Self.path + "&" + parameter)

            #expect(answer.status == 400 && answer.code == "invalid_query", "\(answer.text)")
            #expect(answer.parameters == [String(parameter.prefix { $0 != "=" })])
        }
    }

    @Test func `what is neither of its formats is not acceptable, and its path is no job's`() async throws {
        let fixture = try await APIFixture()
        let writer = try await fixture.key([.jobWrite], name: "writer")
        try await fixture.serve { client in
            for accept in ["application/json", "text/csv;q=0, application/x-ndjson;q=0", "text/html"] {
                let answer = try await client.send(.get, Self.path, headers: ["Accept": accept])
                #expect(
                    answer.status == 406 && answer.code == "not_acceptable" && answer.detail.contains("text/csv or ")
                )
            }
            let head = try await client.send(.head, Self.path)
            #expect(head.status == 200 && head.body.readableBytes == 0)
            #expect(head.header("Content-Type") == "text/csv; charset=utf-8")
            for _ in 0..<9 { #expect(try await client.send(.head, Self.path).status == 200, "places are given back") }
            let deletion = try await client.send(.delete, "/api/v1/jobs/export")
            #expect(deletion.status == 405 && deletion.header("Allow") == "GET, HEAD")
            #expect(try await client.post("/api/v1/jobs/export/cancel", "{}").code == "not_found")
            #expect(try await client.get("/api/v1/jobs/export/runs").code == "not_found")
            #expect(try await client.send(.get, Self.path, key: nil).status == 401)
            #expect(try await client.send(.get, Self.path, key: writer).status == 403)
        }
    }

    @Test func `secrets are not in it, sealed or not`() async throws {
        let fixture = try await APIFixture()
        let id = JobID(high: 0x01A3_0000_0000_7000 | 0x1234 << 16, low: 0x8000_0000_0000_0001)
        let sealed: JSONValue = ["$sealed": ["v": 1, "box": "c2VhbGVk"]]
        let data: JSONValue = ["argv": ["x"], "secret_env": ["TOKEN": sealed, "OTHER": sealed]]
        _ = try await fixture.store.create(
            NewJob(
                id: id,
                request: JobRequest(operation: OperationRequest(type: "command.exec", data: data), target: "web-1"),
                agents: [(AgentID("id-web-1"), "web-1")],
                offerNow: [],
                createdAt: id.timestamp,
                deadlineAt: fixture.now,
                hardEndAt: fixture.now,
                createdBy: "admin"
            )
        )
        let path = "/api/v1/jobs/export?from=\(id.timestamp + .seconds(-1))&to=\(id.timestamp + .seconds(1))"
        try await fixture.serve { client in
            for rows in JobExport.Rows.allCases {
                for accept in ["text/csv", "application/x-ndjson"] {
                    let answer = try await client.send(.get, "\(path)&rows=\(rows)", headers: ["Accept": accept])
                    #expect(answer.status == 200 && answer.text.contains("\(id)"), "\(answer.text)")
                    #expect(!answer.text.contains("sealed") && !answer.text.contains("c2VhbGVk"))
                    #expect(answer.text.contains("***") == (rows == .jobs))
                }
            }
        }
    }
}

extension APIClient.Answer {
    /// The values of a body that has one a line.
    var lines: [JSONValue] {
        text.split(separator: "\n").map { (try? JSON.decode(JSONValue.self, from: $0.utf8)) ?? .null }
    }
}
