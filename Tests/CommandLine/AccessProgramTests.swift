// SPDX-License-Identifier: Apache-2.0

import Access
import CommandLine
import Foundation
import Jobs
import StubController
import Testing

/// The commands about keys and the audit log, as the built program.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct AccessProgramTests {
    private let time = Timestamp(milliseconds: 1_800_000_000_000)

    private func record(_ name: String, revokedAt: Timestamp? = nil) -> KeyRecord {
        KeyRecord(
            id: "brk_\(name)",
            name: name,
            scopes: [.jobRead, .jobWrite],
            target: "env=dev",
            operations: ["ping"],
            createdAt: time,
            revokedAt: revokedAt
        )
    }

    private func log(_ count: Int) -> [AuditRecord] {
        var chain = AuditChain()
        return (1...count).map { number in
            chain.append(AuditEntry(time: time, actor: "ann", action: "submitJob", detail: "job \(number)"))
        }
    }

    /// Answers with a log, three lines at a time.
    private func answers(_ records: [AuditRecord]) -> StubController.Respond {
        { request in
            let cursor = request.uri.split(separator: "cursor=").last?.prefix { $0.isNumber }
            let items = Array(records.filter { $0.number > Int64(cursor ?? "") ?? 0 }.prefix(3))
            let next = items.last.flatMap { $0.number < records.count ? $0.number : nil }
            return .json(AuditPage(items: items, next: next))
        }
    }

    @Test func `a new key is asked for as it was typed, and its secret is all of stdout`() async throws {
        let made = NewKey(key: record("ci"), secret: "brk_ci_secret")
        let end = try await withStub({ _ in .json(made, status: 201) }) {
            try await $0.run(
                "keys",
                "create",
                "ci",
                "--scope",
                "job:read,job:write",
                "--scope",
                "agent:read",
                "--expires",
                "30d",
                "--target",
                "env=dev",
                "--operations",
                "ping, service.*"
            )
        }

        #expect(end.status == 0, "\(end)")
        #expect(end.output == "brk_ci_secret\n")
        #expect(end.errors.contains("env=dev") && end.errors.contains("not shown again"))
        let body = try JSON.decode(JSONValue.self, from: end.requests.first?.body ?? [])
        #expect(
            body == [
                "name": "ci", "scopes": ["job:read", "job:write", "agent:read"], "expires_in": 2_592_000,
                "target": "env=dev", "operations": ["ping", "service.*"],
            ]
        )
    }

    @Test func `a scope that there is not is told before anything is asked`() async throws {
        let end = try await withStub({ _ in .hangUp }) { try await $0.run("keys", "create", "ci", "--scope", "jobs") }

        #expect(end.status == ProgramExit.usage.rawValue && end.requests.isEmpty)
        #expect(end.errors.contains("job:read"))
    }

    @Test func `a key is revoked by its name or by its id`() async throws {
        let old = record("ci", revokedAt: time)
        let new = KeyRecord(id: "brk_2", name: "ci", scopes: [.jobRead], createdAt: time)
        for (argument, id) in [("ci", "brk_2"), ("brk_9", "brk_9")] {
            let end = try await withStub({ request in
                guard request.method == "GET" else { return .answer(204, [], headers: [:]) }
                let items = request.uri.contains("name=ci") ? [new, old] : []
                return .json(Page(items: items, total: items.count, limit: 500, offset: 0))
            }) { try await $0.run("keys", "revoke", argument) }

            #expect(end.status == 0, "\(end)")
            #expect(end.requests.last?.method == "DELETE" && end.requests.last?.uri == "/api/v1/keys/\(id)")
        }
    }

    @Test func `keys are listed with what they may do`() async throws {
        let page = Page(items: [record("ci")], total: 1, limit: 50, offset: 0)
        let end = try await withStub({ _ in .json(page) }) {
            try await $0.run("keys", "list", "--prefix", "brk_c")
        }

        #expect(end.status == 0 && end.requests.first?.uri.contains("prefix=brk_c") == true)
        for word in ["brk_ci", "job:read job:write", "env=dev", "ping"] { #expect(end.output.contains(word)) }
    }

    @Test func `a whole log is verified part by part`() async throws {
        let records = log(8)
        let end = try await withStub(answers(records)) { try await $0.run("audit", "verify") }

        #expect(end.status == 0, "\(end)")
        #expect(end.output == "8:\(records[7].hash)\n")
        #expect(end.requests.count == 3)
    }

    @Test func `a log with a changed line has code 1 and the line's number`() async throws {
        var records = log(8)
        records[4] = AuditRecord(
            number: 5,
            entry: AuditEntry(time: time, actor: "bob", action: "submitJob", detail: "job 5"),
            previousHash: records[4].previousHash,
            hash: records[4].hash
        )
        let changed = records
        let end = try await withStub(answers(changed)) { try await $0.run("audit", "verify") }

        #expect(end.status == 1 && end.output.isEmpty)
        #expect(end.errors.contains("line 5 was changed"))
    }

    @Test func `a log that does not hold the noted line is found`() async throws {
        let records = log(4)
        let noted = log(5)[4].hash
        let verify = ["audit", "verify", "--head"]
        let shorter = try await withStub(answers(records)) { try await $0.run(verify + ["5:\(noted)"]) }
        let other = try await withStub(answers(records)) { try await $0.run(verify + ["4:\(noted)"]) }
        let wrong = try await withStub(answers(records)) { try await $0.run(verify + ["4"]) }

        #expect(shorter.status == 1 && shorter.errors.contains("line 5"))
        #expect(other.status == 1 && other.errors.contains("line 4"))
        #expect(wrong.status == ProgramExit.usage.rawValue && wrong.requests.isEmpty)
    }

    @Test func `an export is verified as the log itself`() async throws {
        let records = log(5)
        let export = try await withStub(answers(records)) { try await $0.run("audit", "export") }
        let file = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(export.output.utf8).write(to: file)
        let whole = try await withStub({ _ in .hangUp }) { try await $0.run("audit", "verify", file.path) }
        try Data(export.output.replacing("job 3", with: "job 4").utf8).write(to: file)
        let changed = try await withStub({ _ in .hangUp }) { try await $0.run("audit", "verify", file.path) }
        try Data("nonsense\n".utf8).write(to: file)
        let nonsense = try await withStub({ _ in .hangUp }) { try await $0.run("audit", "verify", file.path) }

        #expect(export.output.split(separator: "\n").count == 5)
        #expect(whole.status == 0 && whole.output == "5:\(records[4].hash)\n" && whole.requests.isEmpty, "\(whole)")
        #expect(changed.status == 1 && changed.errors.contains("line 3"))
        #expect(nonsense.status == 1 && nonsense.errors.contains("line 1"))
    }
}
