// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Jobs
import StubController
import Testing

/// `broker jobs export`: what it asks for, and what it leaves behind.
@Suite(.timeLimit(.minutes(10)))
struct JobsExportTests {
    private static let table = "\u{FEFF}job_id,parameters\r\n1,\"{\"\"a\"\":\n1}\"\r\n2,{}\r\n"
    private static let period = ["--from", "2026-11-01", "--to", "2026-11-26T10:00:00+02:00"]
    private static let whole: StubAnswer = .answer(200, Array(table.utf8), headers: ["Content-Type": "text/csv"])
    private static let half: StubAnswer = .cut(200, Array(table.utf8), headers: ["Content-Type": "text/csv"])

    /// How a run ended, and what is in the directory of its file afterwards.
    private struct Outcome {
        let end: ProgramEnd
        var files: [String: String] = [:]
        var rights: [String: Int] = [:]
    }

    /// Runs the program against an answer, with a directory for its file, in which there is another one.
    private func export(
        _ answer: StubAnswer,
        _ arguments: [String] = [],
        into name: String? = nil,
        isInterrupted: Bool = false
    ) async throws -> Outcome {
        let manager = FileManager.default
        let directory = manager.temporaryDirectory.appending(path: "broker-export-\(UUID())")
        try manager.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? manager.removeItem(at: directory) }
        let old = directory.appending(path: "old.csv")
        try Data("before".utf8).write(to: old)
        try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: old.path)
        let output = name.map { ["--output", directory.appending(path: $0).path] } ?? []
        let all = ["jobs", "export"] + Self.period + arguments + output
        let isSent: @Sendable (StubController) -> Bool = { stub in isInterrupted && !stub.requests.isEmpty }
        let end = try await withStub({ _ in answer }) { program in
            try await program.run(all, interruptWhen: isInterrupted ? isSent : nil)
        }
        var outcome = Outcome(end: end)
        for file in try manager.contentsOfDirectory(atPath: directory.path) {
            let path = directory.appending(path: file).path
            outcome.files[file] = manager.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
            outcome.rights[file] = try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        return outcome
    }

    private static let untouched = ["old.csv": "before"]

    @Test func `it goes to stdout byte by byte, and is asked for as it was typed`() async throws {
        let table = try await export(Self.whole, ["--status", "failed", "--rows", "runs", "--label", "env=prod"])
        let lines = try await export(Self.whole, ["--format", "ndjson", "--output", "-"])

        #expect(table.end.status == 0 && table.end.output == Self.table && table.end.errors.isEmpty, "\(table.end)")
        #expect(table.end.requests.first?.headers["accept"] == "text/csv" && table.files == Self.untouched)
        #expect(
            table.end.requests.first?.uri == "/api/v1/jobs/export?status=failed&from=2026-11-01T00%3A00%3A00.000Z"
                + "&to=2026-11-26T08%3A00%3A00.000Z&label.env=prod&rows=runs"
        )
        #expect(lines.end.requests.first?.headers["accept"] == "application/x-ndjson")
        #expect(lines.end.requests.first?.uri.contains("rows") == false && lines.end.output == Self.table)
    }

    @Test(arguments: ["new.csv", "old.csv"])
    func `a file is there when it is whole, with the rights of the one before it`(name: String) async throws {
        let outcome = try await export(Self.whole, into: name)

        #expect(outcome.end.status == 0 && outcome.end.output.isEmpty, "\(outcome.end)")
        #expect(outcome.end.errors.hasPrefix("2 rows, \(Self.table.utf8.count) bytes in "))
        #expect(outcome.end.errors.hasSuffix("\(name)\n"))
        #expect(outcome.files == Self.untouched.merging([name: Self.table]) { $1 })
        #expect(outcome.rights["old.csv"] == 0o600)
    }

    @Test(arguments: ["new.csv", "old.csv", nil])
    func `one that is cut short leaves the file as it was, and says so`(name: String?) async throws {
        let outcome = try await export(Self.half, into: name)

        #expect(outcome.end.status == ProgramExit.unreachable.rawValue, "\(outcome.end)")
        #expect(outcome.end.errors.contains("the export was cut short, and is not whole"), "\(outcome.end)")
        #expect(outcome.files == Self.untouched)
    }

    @Test func `one that is refused or interrupted leaves nothing behind`() async throws {
        let refused = try await export(.problem(400, "out_of_range", "too long"), into: "new.csv")
        let interrupted = try await export(.silence, into: "new.csv", isInterrupted: true)

        #expect(refused.end.status == ProgramExit.refused.rawValue && refused.end.errors.contains("too long"))
        #expect(interrupted.end.status == ProgramExit.interrupted.rawValue, "\(interrupted.end)")
        #expect(refused.files == Self.untouched && interrupted.files == Self.untouched)
    }

    @Test(arguments: [".", "missing/new.csv"])
    func `a place that cannot be written is found out before anything is sent`(name: String) async throws {
        let outcome = try await export(Self.whole, into: name)

        #expect(outcome.end.status == ProgramExit.usage.rawValue && outcome.end.requests.isEmpty, "\(outcome.end)")
        #expect(outcome.end.errors.contains("cannot write"))
    }

    @Test func `what is no regular file is written as it is`() async throws {
        let outcome = try await export(Self.whole, ["--output", "/dev/null"])

        #expect(outcome.end.status == 0, "\(outcome.end)")
        let kind = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
        #expect(kind == .typeCharacterSpecial)
    }

    @Test(arguments: [
        (["--from", "2026-11-01"], "--from and --to are needed"), ([], "--from and --to are needed"),
        (["--from", "2026-11-01", "--to", "now", "--rows", "lines"], "--rows"),
        (["--from", "2026-11-01", "--to", "now", "--format", "xlsx"], "--format"),
        (["--from", "2026-11-01", "--to", "now", "--limit", "5"], "--limit"),
    ])
    func `what cannot be is refused before anything is sent`(arguments: [String], reason: String) async throws {
        let end = try await withStub({ _ in Self.whole }) { try await $0.run(["jobs", "export"] + arguments) }

        #expect(end.status == ProgramExit.usage.rawValue && end.errors.contains(reason), "\(end)")
        #expect(end.requests.isEmpty)
    }

    @Test func `rows are counted wherever the pieces are cut`() {
        let text = Array(Self.table.utf8)
        for size in 1...text.count {
            var counter = RowCounter(.csv)
            for start in stride(from: 0, to: text.count, by: size) { counter.count(text[start...].prefix(size)) }
            #expect(counter.rows == 2 && counter.bytes == text.count)
        }
        var lines = RowCounter(.ndjson)
        lines.count("{\"a\":\"\\\"\"}\n{}\n".utf8)
        #expect(lines.rows == 2 && "\(lines)" == "2 rows, 14 bytes")
        lines.count(repeatElement(UInt8(ascii: "x"), count: 3_400_000))
        #expect("\(lines)" == "2 rows, 3.2 MiB")
    }
}
