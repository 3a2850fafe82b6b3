// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Jobs
import StubController
import Testing

/// The commands for stored objects, as the built program.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ObjectProgramTests {
    /// The SHA-256 of `hello`.
    private static let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    private static let record = ObjectRecord(
        name: "a/b",
        sha256: sha256,
        size: 5,
        createdAt: Timestamp(milliseconds: 1_800_000_000_125),
        createdBy: "ann"
    )

    private static func answer(_ status: Int = 200) -> StubAnswer {
        .answer(status, (try? JSON.encode(record)) ?? [])
    }

    private func withFile(_ text: String, _ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "object-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file.path)
    }

    @Test func `a file is sent with its hash, and the object printed`() async throws {
        try await withFile("hello") { file in
            let end = try await withStub({ request in
                request.method == "PUT" ? Self.answer(201) : .problem(404, "not_found", "no")
            }) { try await $0.run("objects", "put", "a/b", file, "-o", "json") }

            #expect(end.status == 0, "\(end)")
            let put = try #require(end.requests.first { $0.method == "PUT" })
            #expect(put.uri == "/api/v1/objects/a%2Fb?sha256=\(Self.sha256)")
            #expect(put.body == Array("hello".utf8))
            #expect(put.headers["content-length"] == "5")
            #expect(put.headers["if-none-match"] == nil)
            #expect(try JSON.decode(ObjectRecord.self, from: end.output.utf8) == Self.record)
        }
    }

    @Test func `what is there already is not sent again`() async throws {
        try await withFile("hello") { file in
            let end = try await withStub({ _ in Self.answer() }) { try await $0.run("objects", "put", "a/b", file) }

            #expect(end.status == 0, "\(end)")
            #expect(end.output == Self.sha256 + "\n")
            #expect(end.requests.map(\.method) == ["GET"])
        }
    }

    @Test func `a name that must be new is said to be so`() async throws {
        try await withFile("hello") { file in
            let end = try await withStub({ _ in .problem(412, "precondition_failed", "there is one") }) {
                try await $0.run("objects", "put", "a/b", file, "--new")
            }
            #expect(end.status == ProgramExit.refused.rawValue, "\(end)")
            #expect(end.requests.map { $0.headers["if-none-match"] } == ["*"])
        }
    }

    @Test func `what is no name or no file is refused before anything is sent`() async throws {
        try await withFile("hello") { file in
            for arguments in [["-q", "a/../b", file], ["a", "/nowhere"], ["a", "/"], ["a", "b", "c"]] {
                let end = try await withStub({ _ in .hangUp }) { try await $0.run(["objects", "put"] + arguments) }
                #expect(end.status != 0)
                #expect(end.requests.isEmpty, "\(end)")
            }
        }
    }

    @Test(arguments: ["hello", "hellO"])
    func `bytes become a file only where they are those of the object`(content: String) async throws {
        try await withFile("before") { file in
            let end = try await withStub({ request in
                request.path.hasSuffix("/content") ? .answer(200, Array(content.utf8), headers: [:]) : Self.answer()
            }) { try await $0.run("objects", "get", "a/b", "--to", file, "-q") }

            #expect((end.status == 0) == (content == "hello"), "\(end)")
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text == (content == "hello" ? "hello" : "before"))
            let directory = URL(filePath: file).deletingLastPathComponent().path
            let drafts = try FileManager.default.contentsOfDirectory(atPath: directory)
                .filter { $0.hasPrefix(URL(filePath: file).lastPathComponent + ".") }
            #expect(drafts.isEmpty)
        }
    }

    @Test func `objects are listed and deleted`() async throws {
        let page = Page(items: [Self.record], total: nil, limit: 1, offset: nil, nextCursor: "c")
        let listing = try JSON.encode(page)
        let end = try await withStub({ _ in .answer(200, listing) }) {
            try await $0.run("objects", "list", "--prefix", "a/", "--limit", "1")
        }
        #expect(end.status == 0, "\(end)")
        #expect(end.output.contains("a/b"))
        #expect(end.errors.contains("--cursor c"))
        #expect(end.requests.first?.uri.contains("prefix=a%2F") == true)
        let deleted = try await withStub({ _ in .answer(204, [], headers: [:]) }) {
            try await $0.run("objects", "delete", "a/b")
        }
        #expect(deleted.requests.first?.uri == "/api/v1/objects/a%2Fb")
        #expect(deleted.errors == "deleted object a/b\n")
    }
}
