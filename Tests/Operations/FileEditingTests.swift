// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

struct FileEditingTests {
    /// Edits a file with a content and answers the new content.
    private func edited(
        _ type: String,
        _ content: String,
        _ parameters: [String: JSONValue],
        isChange: Bool = true,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> String? {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            try Data(content.utf8).write(to: URL(filePath: path))
            let data = parameters.merging(["path": .string(path)]) { $1 }
            try await checkApplied(type, .object(data), in: directory, isChange: isChange, at: location)
            return try HostFile.text(path)
        }
    }

    @Test(
        arguments: [
            ("a\nb\n", ["line": "c"], "a\nb\nc\n"),
            ("a\nb", ["line": "c"], "a\nb\nc\n"),
            ("", ["line": "c"], "c\n"),
            ("a\r\nb\r\n", ["line": "c"], "a\r\nb\r\nc\r\n"),
            ("a\nb\n", ["line": "c", "insert_after": "^a"], "a\nc\nb\n"),
            ("a\nb\na\n", ["line": "c", "insert_before": "^a"], "a\nb\nc\na\n"),
            ("a\nb\n", ["line": "c", "insert_before": "BOF"], "c\na\nb\n"),
            ("EOF\nb\n", ["line": "c", "insert_after": "EOF"], "EOF\nb\nc\n"),
            ("a\nb\n", ["line": "c", "insert_after": "none"], "a\nb\nc\n"),
            ("#Port 22\nPort 22\nx\n", ["line": "Port 2222", "match": "^#?Port "], "#Port 22\nPort 2222\nx\n"),
            ("#A\n#A\n", ["line": "B", "match": "^#A"], "#A\nB\n"),
            ("a\nPort 22", ["line": "Port 1", "match": "^Port"], "a\nPort 1"),
            ("x\n", ["line": "Port 1", "match": "^Port", "insert_before": "x"], "Port 1\nx\n"),
            ("a\nb\na\n", ["line": "a", "state": "absent"], "b\n"),
            ("a\nb\nc", ["match": "[bc]", "state": "absent"], "a\n"),
            ("a\nb\n", ["line": "a", "match": "^b", "state": "absent"], ""),
            ("é\n", ["line": "e\u{301}"], "é\ne\u{301}\n"),
        ] as [(String, [String: String], String)]
    )
    func `a line is put in, replaced or taken away`(
        before: String,
        parameters: [String: String],
        after: String
    ) async throws {
        let text = try await edited("file.line", before, parameters.mapValues(JSONValue.string))
        #expect(text.map { Array($0.utf8) } == Array(after.utf8))
    }

    @Test(
        arguments: [
            ("a\nb\n", ["line": "a"]), ("a\nb", ["line": "b"]), ("a\r\n", ["line": "a"]),
            ("Port 1\n", ["line": "Port 1", "match": "^Port"]), ("#A\nB\n", ["line": "B", "match": "^#A"]),
            ("a\n", ["line": "b", "state": "absent"]), ("", ["match": ".", "state": "absent"]),
        ] as [(String, [String: String])]
    )
    func `a file that is as it is to be stays`(before: String, parameters: [String: String]) async throws {
        let text = try await edited("file.line", before, parameters.mapValues(JSONValue.string), isChange: false)
        #expect(text == before)
    }

    @Test func `bytes that are no UTF-8 stay as they are`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            try Data([0xE9, 0x0A, 0x00, 0xFF]).write(to: URL(filePath: path))
            try await checkApplied("file.line", ["path": .string(path), "line": "x"], in: directory)
            #expect(try HostFile.bytes(path) == [0xE9, 0x0A, 0x00, 0xFF, 0x0A, 0x78, 0x0A])
        }
    }

    @Test func `a block is put in, changed, and taken away`() async throws {
        let block: [String: JSONValue] = ["marker": "# {mark} app", "block": "1\n2\n"]
        let marked = "# BEGIN app\n1\n2\n# END app\n"
        #expect(try await edited("file.block", "a\n", block) == "a\n" + marked)
        #expect(try await edited("file.block", "a", block) == "a\n" + marked)
        let before = block.merging(["insert_before": "^a"]) { $1 }
        #expect(try await edited("file.block", "a\n", before) == marked + "a\n")
        #expect(
            try await edited("file.block", "x\n" + marked + "a\n", block, isChange: false) == "x\n" + marked + "a\n"
        )
        let other: [String: JSONValue] = ["marker": "# {mark} app", "block": "3"]
        #expect(try await edited("file.block", marked + "a", other) == "# BEGIN app\n3\n# END app\na")
        let gone: [String: JSONValue] = ["marker": "# {mark} app", "state": "absent"]
        #expect(try await edited("file.block", "x\n" + marked + "a", gone) == "x\na")
        #expect(try await edited("file.block", "x\n", gone, isChange: false) == "x\n")
        #expect(
            try await edited("file.block", "", ["block": "b"])
                == "# BEGIN managed by broker\nb\n# END managed by broker\n"
        )
    }

    @Test(arguments: ["# BEGIN app\n", "# END app\n# BEGIN app\n", "# BEGIN app\n# END app\n# BEGIN app\n# END app\n"])
    func `a block whose marking lines are not a pair is left alone`(content: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            try Data(content.utf8).write(to: URL(filePath: path))
            let data: JSONValue = ["path": .string(path), "block": "x", "marker": "# {mark} app"]
            try await checkRefused("file.block", data, "broken_block", in: directory)
        }
    }

    @Test func `a file that is not there is made only where that is asked for`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            try await checkRefused("file.line", ["path": .string(path), "line": "a"], "not_found", in: directory)
            let absent: JSONValue = ["path": .string(path), "line": "a", "state": "absent", "create": true]
            try await checkApplied("file.line", absent, in: directory, isChange: false)
            let create: JSONValue = ["path": .string(path), "line": "a", "create": true, "mode": "0600"]
            try await checkApplied("file.line", create, in: directory)
            #expect(try FileState(at: path)?.modeText == "0600")
        }
    }

    @Test func `an edit that its checker refuses leaves the file as it was`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            try Data("a\n".utf8).write(to: URL(filePath: path))
            let data: JSONValue = ["path": .string(path), "line": "b", "validate": ["grep", "-vq", "b", "%s"]]
            try await checkApplied("file.line", data, in: directory)
            let refused: JSONValue = ["path": .string(path), "line": "c", "validate": ["false", "%s"], "backup": true]
            try await checkRefused("file.line", refused, "validation_failed", in: directory)
        }
    }

    @Test func `a pattern in a very long line ends with the time of the run`() async throws {
        var context = testContext()
        context.deadline = .now - .seconds(1)
        let pattern = try LinePattern("(.*a){60}b")
        let lines = TextLines(Array(repeating: UInt8(ascii: "a"), count: 10_000_000))
        let error = #expect(throws: OperationError.self) { try lines.lastIndex(matching: pattern, in: context) }
        #expect(error?.state == .timedOut)
    }

    @Test func `bad parameters are refused`() async throws {
        try await withTemporaryDirectory { directory in
            let cases: [(String, [String: JSONValue])] = [
                ("file.line", [:]), ("file.line", ["state": "absent"]), ("file.line", ["line": "a\nb"]),
                ("file.line", ["line": "a", "match": "("]),
                ("file.line", ["line": "a", "insert_after": "x", "insert_before": "y"]),
                ("file.block", [:]), ("file.block", ["block": "a", "marker": "# app"]),
                ("file.block", ["block": "a\n# END managed by broker\n"]),
            ]
            for (type, parameters) in cases {
                let data = JSONValue.object(parameters.merging(["path": .string(directory + "/file")]) { $1 })
                try await checkRefused(type, data, "invalid_parameters", in: directory)
            }
        }
    }
}
