// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Synchronization
import Testing

/// How tests start processes.
@Suite(.timeLimit(.minutes(10)))
struct ChildProcessTests {
    @Test func `what a process reads, writes and ends with is as it was told`() async throws {
        let script = #"cat; echo "$NAME" >&2; exit 3"#

        let result = try await ChildProcess.run(
            "/bin/sh",
            ["-c", script],
            environment: ["NAME": "x y"],
            input: Data("in\n".utf8)
        )

        #expect(result.status == 3 && result.output == "in\n" && result.errors == "x y\n")
    }

    @Test func `a process has no descriptors but its three, and all signals as they are`() async throws {
        let mine = open("/dev/null", O_RDONLY)
        defer { close(mine) }

        let files = try await ChildProcess.run("/bin/ls", ["/proc/self/fd"])
        let signals = try await ChildProcess.run("/bin/grep", ["-E", "^Sig(Blk|Ign)", "/proc/self/status"])

        // The last one is that of the directory which it lists.
        #expect(files.output.split(separator: "\n") == ["0", "1", "2", "3"])
        let masks = signals.output.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0, radix: 16) }
        // Two above those that programs know belong to the C library.
        #expect(masks.count == 2 && masks.allSatisfy { $0 & 0x7FFF_FFFF == 0 }, "\(signals.output)")
    }

    @Test func `the number of the signal that ended a process is its status, and then it hears none`() async throws {
        let process = try ChildProcess("/bin/sleep", ["600"], output: "/dev/null")
        #expect(process.isRunning)

        process.signal(SIGTERM)

        #expect(try await process.ended() == SIGTERM)
        #expect(!process.isRunning && process.waitUntilEnded() == SIGTERM)
        process.signal(SIGKILL)
    }

    @Test func `a program that is not there is said to be not there`() async throws {
        let error = await #expect(throws: DeploymentError.self) { try await ChildProcess.run("/nowhere", []) }

        #expect(error?.description.hasPrefix("/nowhere cannot be started: No such file") == true)
    }

    @Test func `processes start while the test opens and closes a thousand files`() async throws {
        let isOver = Atomic(false)
        let threads = DispatchGroup()
        for _ in 0..<4 {
            threads.enter()
            Thread.detachNewThread {
                while !isOver.load(ordering: .relaxed) {
                    let files = (0..<250).map { _ in open("/dev/null", O_RDONLY) }
                    for file in files { close(file) }
                }
                threads.leave()
            }
        }

        for _ in 0..<100 {
            #expect(try await ChildProcess.run("/bin/true", []).status == 0)
        }

        isOver.store(true, ordering: .relaxed)
        await withCheckedContinuation { continuation in threads.notify(queue: .global()) { continuation.resume() } }
    }
}
