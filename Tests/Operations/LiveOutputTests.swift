// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

/// What is there of a run that goes on for those who follow it.
@Suite(.timeLimit(.minutes(10)))
struct LiveOutputTests {
    private func write(_ bytes: [UInt8], to live: LiveOutput, _ stream: RunOutput.Stream = .stdout) {
        bytes.withUnsafeBytes { live.append($0, to: stream) }
    }

    @Test func `what was written is there from any place on, each output for itself`() {
        let live = LiveOutput()
        write(Array("hello ".utf8), to: live)
        write(Array("there".utf8), to: live)
        write([1, 2], to: live, .stderr)

        #expect(live.news(of: .stdout, behind: 0, atMost: 99) == .init(offset: 0, bytes: Array("hello there".utf8)))
        #expect(live.news(of: .stdout, behind: 6, atMost: 3) == .init(offset: 6, bytes: Array("the".utf8)))
        #expect(live.news(of: .stdout, behind: 11, atMost: 9) == .init(offset: 11, bytes: []))
        #expect(live.news(of: .stderr, behind: 0, atMost: 9) == .init(offset: 0, bytes: [1, 2]))
        #expect(live.news(of: .stderr, behind: 99, atMost: 9) == .init(offset: 2, bytes: []))
        #expect(!live.isOver)
        live.end()
        #expect(live.isOver)
    }

    @Test(arguments: [1000, 65_536, 300_000, 1_000_000])
    func `of much output the last is there, and who was too slow goes on near its end`(part: Int) {
        let live = LiveOutput()
        let all = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        for start in stride(from: 0, to: all.count, by: part) {
            write(Array(all[start..<min(all.count, start + part)]), to: live)
        }

        let late = live.news(of: .stdout, behind: 5, atMost: .max)
        #expect(late.offset == all.count - LiveOutput.leap && late.bytes == Array(all[late.offset...]))
        let near = live.news(of: .stdout, behind: all.count - LiveOutput.window, atMost: 10)
        #expect(
            near.offset == all.count - LiveOutput.window && near.bytes == Array(all[near.offset..<near.offset + 10])
        )
    }

    @Test(arguments: ["command.shell", "script.run"])
    func `what runs shows what it writes while it goes on`(type: String) async throws {
        try await withTemporaryDirectory { directory in
            let live = LiveOutput()
            var context = testContext()
            context.live = live
            let running = context
            let line = "echo begun; echo odd >&2; while ! test -e \(directory)/go; do sleep 0.02; done; echo done"
            let parameter = type == "script.run" ? "body" : "command"
            let data: JSONValue = .object([parameter: .string(line)])
            let task = Task { try await run(type, data, in: running) }
            while live.news(of: .stderr, behind: 0, atMost: 99).bytes.isEmpty {
                try await Task.sleep(for: .milliseconds(5))
            }

            #expect(live.news(of: .stdout, behind: 0, atMost: 99).bytes == Array("begun\n".utf8))
            #expect(FileManager.default.createFile(atPath: directory + "/go", contents: nil))
            _ = try await task.value
            #expect(live.news(of: .stdout, behind: 6, atMost: 99).bytes == Array("done\n".utf8))
        }
    }
}
