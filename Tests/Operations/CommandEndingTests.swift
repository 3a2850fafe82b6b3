// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

@Suite(.timeLimit(.minutes(10)))
struct CommandEndingTests {
    @Test func `a timeout ends the whole group and keeps the output so far`() async throws {
        try await withTemporaryDirectory { directory in
            let line = "echo begun; sh -c 'sleep 600 & echo $! > \(directory)/pid; wait' & wait"
            let outcome = try await shell(line, ["timeout": 0.5])
            let pid = try #require(Int32(try await contents(of: directory + "/pid").dropLast()))

            #expect(outcome.state == .timedOut)
            #expect(outcome.error?.code == "timed_out")
            #expect(outcome.error?.message == "ran past its limit of 0.5 s and was ended by SIGTERM")
            #expect(outcome.text("stdout") == "begun\n")
            #expect(outcome.number("signal") == 15)
            #expect((outcome.number("duration_ms") ?? 0) >= 500)
            #expect(!isAlive(pid))
        }
    }

    @Test func `what ignores SIGTERM gets SIGKILL after the grace`() async throws {
        let outcome = try await shell(
            "trap '' TERM; echo ready; while :; do sleep 600; done",
            ["timeout": 0.3],
            in: testContext(grace: .milliseconds(300))
        )

        #expect(outcome.state == .timedOut)
        #expect(outcome.number("signal") == 9)
        #expect(outcome.text("signal_name") == "SIGKILL")
        #expect((outcome.number("duration_ms") ?? 0) >= 600)
        #expect(outcome.text("stdout") == "ready\n")
    }

    @Test func `a member that ignores SIGTERM is killed though its leader has gone`() async throws {
        try await withTemporaryDirectory { directory in
            // The member has closed the outputs, so that nothing but the group tells of it.
            let member = "trap \"\" TERM; echo $$ > \(directory)/pid; while :; do sleep 600; done"
            let outcome = try await shell(
                "sh -c '\(member)' > /dev/null 2>&1 & sleep 600",
                ["timeout": 0.5],
                in: testContext(grace: .milliseconds(400))
            )
            let pid = try #require(Int32(try await contents(of: directory + "/pid").dropLast()))

            #expect(outcome.state == .timedOut)
            #expect(outcome.number("signal") == 15)
            #expect(!isAlive(pid))
        }
    }

    @Test func `a member that ends in its own time is given the grace`() async throws {
        try await withTemporaryDirectory { directory in
            let member = "trap \"sleep 0.5; echo saved > \(directory)/saved; exit\" TERM; while :; do sleep 0.05; done"
            let outcome = try await shell("sh -c '\(member)' > /dev/null 2>&1 & sleep 600", ["timeout": 0.5])

            #expect(outcome.state == .timedOut)
            #expect(try await contents(of: directory + "/saved") == "saved\n")
        }
    }

    @Test func `a stopped process is ended too`() async throws {
        let outcome = try await shell("kill -STOP $$", ["timeout": 0.3])

        #expect(outcome.state == .timedOut)
        #expect(outcome.number("signal") == 15)
    }

    @Test func `cancelling the task ends the group`() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await withThrowingTaskGroup(of: RunOutcome.self) { group in
                group.addTask { try await shell("echo begun; echo $$ > \(directory)/pid; sleep 600") }
                let pid = try await contents(of: directory + "/pid")
                #expect(isAlive(Int32(pid.dropLast()) ?? 0))
                group.cancelAll()
                return try #require(try await group.next())
            }
            let pid = try #require(Int32(try await contents(of: directory + "/pid").dropLast()))

            #expect(outcome.state == .cancelled)
            #expect(outcome.error?.code == "cancelled")
            #expect(outcome.text("stdout") == "begun\n")
            #expect(!isAlive(pid))
        }
    }

    @Test func `a task that was cancelled before ends at once`() async throws {
        let outcome = try await withThrowingTaskGroup(of: RunOutcome.self) { group in
            group.cancelAll()
            group.addTask { try await shell("sleep 600") }
            return try #require(try await group.next())
        }

        #expect(outcome.state == .cancelled)
    }

    @Test func `an ended process leaves no zombie and many runs leak no descriptor`() async throws {
        let descriptors = { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        _ = try await exec(["true"])
        let before = try descriptors()
        var pids: [Int32] = []
        for _ in 0..<100 {
            let outcome = try await shell("echo $$ $PPID; cat", ["stdin": "\n"])
            pids += (outcome.text("stdout") ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
            _ = try await exec(["/no/such/program"], ["stdin": "x"])
        }

        // Other tests run at the same time and hold some for a while; a leak would be hundreds.
        #expect(try descriptors() < before + 150)
        #expect(pids.count == 200)
        #expect(pids.allSatisfy { $0 > 0 && HostFile.read("/proc/\($0)/stat")?.contains(") Z") != true })
    }

    @Test func `fifty commands at once all end`() async throws {
        let texts = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<50 {
                group.addTask { try await shell("sleep 0.2; echo \(number)").text("stdout") }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1 ?? "") }
        }

        #expect(texts == Set((0..<50).map { "\($0)\n" }))
    }
}
