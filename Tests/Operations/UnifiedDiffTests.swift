// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Operations

struct UnifiedDiffTests {
    @Test func `a changed line is told with the lines around it`() {
        let before = Array("1\n2\n3\n4\n5\n6\n7\n8\n9\n".utf8)
        let after = Array("1\n2\n3\n4\nfive\n6\n7\n8\n9\n".utf8)
        #expect(
            UnifiedDiff.between("/etc/x", before, after)
                == "--- /etc/x\n+++ /etc/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        )
    }

    @Test func `a new file, a file taken away and a missing end of line are told`() {
        #expect(UnifiedDiff.between("/x", nil, Array("a\n".utf8)) == "--- /dev/null\n+++ /x\n@@ -0,0 +1 @@\n+a\n")
        #expect(UnifiedDiff.between("/x", Array("a\n".utf8), nil) == "--- /x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n")
        #expect(
            UnifiedDiff.between("/x", Array("a\n".utf8), Array("a".utf8))
                == "--- /x\n+++ /x\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n"
        )
        #expect(UnifiedDiff.between("/x", [0], [1]) == "Binary files /x differ\n")
        #expect(UnifiedDiff.between("/x", [65], [65]).isEmpty)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/patch"), "needs patch"))
    func `patch makes the one text from the other by the diff`() async throws {
        var random = SystemRandomNumberGenerator()
        try await withTemporaryDirectory { directory in
            for _ in 0..<40 {
                let count = Int.random(in: 0...60, using: &random)
                let lines = (0..<count).map { _ in "\(Int.random(in: 0...9, using: &random))" }
                let changed: [String] = lines.flatMap { line -> [String] in
                    switch Int.random(in: 0...9, using: &random) {
                    case 0: []
                    case 1: [line, "new"]
                    case 2: ["other"]
                    default: [line]
                    }
                }
                let (before, after) = (lines.map { $0 + "\n" }.joined(), changed.map { $0 + "\n" }.joined())
                let diff = UnifiedDiff.between("f", Array(before.utf8), Array(after.utf8))
                try before.write(toFile: "\(directory)/f", atomically: false, encoding: .utf8)
                try diff.write(toFile: "\(directory)/d", atomically: false, encoding: .utf8)
                let outcome = try await shell("cd \(directory) && { [ ! -s d ] || patch -s f d; } && cat f")
                #expect(outcome.text("stdout") == after, "\(diff)\(outcome)")
            }
        }
    }
}
