// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

@Suite(.timeLimit(.minutes(10)))
struct CommandOutputTests {
    @Test func `output over the limit keeps both ends, the size and the hash of all`() async throws {
        let outcome = try await shell("seq 1 100000", ["output_limit": 100])
        let text = try #require(outcome.text("stdout"))

        #expect(outcome.data?["stdout_truncated"] == true)
        #expect(outcome.number("stdout_bytes") == 588_895)
        #expect(
            outcome.text("stdout_sha256") == "b2bc7d3f8b652d2ec96865b68ad8f80e22cca174abe1aed7889e242a747d590f"
        )
        #expect(text.hasPrefix("1\n2\n3\n"))
        #expect(text.hasSuffix("\n99999\n100000\n"))
        #expect(text.contains("\n… 588795 bytes left out …\n"))
    }

    @Test func `output up to the limit is whole`() async throws {
        let outcome = try await shell("printf 0123456789", ["output_limit": 10])

        #expect(outcome.text("stdout") == "0123456789")
        #expect(outcome.data?["stdout_truncated"] == false)
        #expect(
            outcome.text("stdout_sha256") == "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"
        )
    }

    @Test func `a limit of nothing keeps nothing but size and hash`() async throws {
        let outcome = try await shell("printf 0123456789", ["output_limit": 0])

        #expect(outcome.text("stdout") == "\n… 10 bytes left out …\n")
        #expect(outcome.number("stdout_bytes") == 10)
    }

    @Test func `a cut goes between characters`() async throws {
        let outcome = try await shell("printf ääääääääää", ["output_limit": 10])

        #expect(outcome.text("stdout") == "ää\n… 12 bytes left out …\nää")
        #expect(outcome.text("stdout_encoding") == "utf-8")
    }

    @Test func `output that is no text comes as base64`() async throws {
        let outcome = try await shell("printf '\\377\\000\\001'")
        let cut = try await shell("printf '\\377\\377\\377\\377'", ["output_limit": 2])
        let decoded = Data(base64Encoded: cut.text("stdout") ?? "")

        #expect(outcome.text("stdout_encoding") == "base64")
        #expect(outcome.text("stdout") == "/wAB")
        #expect(decoded == Data([255] + Array("\n… 2 bytes left out …\n".utf8) + [255]))
    }

    @Test func `large outputs side by side do not block each other`() async throws {
        let line = "i=0; while [ $i -lt 64 ]; do head -c 65536 /dev/zero; head -c 65536 /dev/zero >&2; i=$((i+1)); done"
        let outcome = try await shell(line, ["output_limit": 1024])

        #expect(outcome.state == .completed)
        #expect(outcome.number("stdout_bytes") == 4_194_304)
        #expect(outcome.number("stderr_bytes") == 4_194_304)
        #expect(
            outcome.text("stderr_sha256") == "bb9f8df61474d25e71fa00722318cd387396ca1736605e1248821cc0de3d3af8"
        )
    }

    @Test func `a mebibyte of stdin comes through cat unchanged`() async throws {
        let input = String(repeating: "0123456789abcde\n", count: 65_536)
        let outcome = try await exec(["cat"], ["stdin": .string(input), "output_limit": 1_048_576])

        #expect(outcome.state == .completed)
        #expect(outcome.text("stdout") == input)
    }

    @Test func `a program that does not read its stdin is no failure`() async throws {
        let input = String(repeating: "x", count: 1_048_576)
        let outcome = try await exec(["true"], ["stdin": .string(input)])

        #expect(outcome.state == .completed)
    }

    @Test func `without stdin there is nothing to read`() async throws {
        let outcome = try await exec(["cat"])
        let empty = try await exec(["cat"], ["stdin": ""])

        #expect(outcome.state == .completed)
        #expect(outcome.text("stdout") == "")
        #expect(empty.state == .completed)
    }

    @Test func `a process left behind with the output open does not hold up the run`() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await shell(
                "sleep 600 & echo $! > \(directory)/pid; echo done",
                ["timeout": 300],
                in: testContext(drain: .milliseconds(200))
            )
            let pid = try #require(Int32(try await contents(of: directory + "/pid").dropLast()))
            defer { kill(pid, SIGKILL) }

            #expect(outcome.state == .completed)
            #expect(outcome.text("stdout") == "done\n")
            #expect(isAlive(pid))
        }
    }

    @Test func `a child gets no descriptor but the three, no blocked and no ignored signal`() async throws {
        let file = open("/etc/passwd", O_RDONLY)
        defer { close(file) }
        let before = signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, before) }
        let outcome = try await shell("ls /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status")
        let lines = try #require(outcome.text("stdout")).split(whereSeparator: \.isWhitespace)
        let ignored = try #require(UInt64(lines.last ?? "", radix: 16))

        // Descriptor 3 is the listing's own; the signals 32 and 33 are the C library's.
        #expect(file > 2)
        #expect(lines.dropLast() == ["4", "SigBlk:", "0000000000000000", "SigIgn:"])
        #expect(ignored & ~0x1_8000_0000 == 0)
    }

    @Test func `a child leads a session and a group of its own`() async throws {
        let outcome = try await shell("echo $$; cut -d' ' -f1,5,6 /proc/$$/stat")
        let lines = try #require(outcome.text("stdout")).split(separator: "\n")

        #expect(lines.count == 2)
        #expect(lines[1] == "\(lines[0]) \(lines[0]) \(lines[0])")
    }
}
