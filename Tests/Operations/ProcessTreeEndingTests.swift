// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

/// The line of a daemon: forks twice, begins a session of its own, keeps no output, and writes its number to `file`.
private func daemon(_ file: String, doing body: String = "exec sleep 600") -> String {
    let script = "echo \\$\\$ > \(file).new; mv \(file).new \(file); \(body)"
    return "(setsid sh -c \"(sh -c '\(script)' &) ; exit\" > /dev/null 2>&1 < /dev/null &)"
}

@Suite(.timeLimit(.minutes(10)))
struct ProcessTreeEndingTests {
    /// With control groups, where the host has them, and without.
    private static let ways: [ControlGroups?] = [.own, nil]

    private func number(in file: String) async throws -> Int32 {
        let text = try await contents(of: file)
        return try #require(Int32(text.dropLast()))
    }

    /// Runs a line of shell, and calls `body` with what can cancel it while it runs.
    private func running(
        _ line: String,
        grace: Duration = .seconds(20),
        groups: ControlGroups? = .own,
        _ body: @escaping @Sendable (RunCancellation) async throws -> Void
    ) async throws -> RunOutcome {
        var context = testContext(grace: grace)
        context.controlGroups = groups
        let cancellation = context.cancellation
        return try await withThrowingTaskGroup(of: RunOutcome.self) { group in
            group.addTask { [context] in try await shell(line, in: context) }
            try await body(cancellation)
            group.cancelAll()
            return try #require(try await group.next())
        }
    }

    @Test(arguments: ways) func `a daemon that has left the session is gone after a timeout`(
        groups: ControlGroups?
    ) async throws {
        try await withTemporaryDirectory { directory in
            var context = testContext()
            context.controlGroups = groups
            let line = daemon("\(directory)/pid") + "; while ! test -e \(directory)/pid; do sleep 0.01; done; sleep 600"
            let outcome = try await shell(line, ["timeout": 2], in: context)
            let pid = try await number(in: "\(directory)/pid")

            #expect(outcome.state == .timedOut)
            #expect(outcome.error?.message == "ran past its limit of 2 s and was ended by SIGTERM")
            #expect(outcome.text("stopped_by") == "SIGTERM")
            #expect(!isAlive(pid))
        }
    }

    @Test(arguments: ways) func `a daemon that has left the session is gone after a cancellation`(
        groups: ControlGroups?
    ) async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await running(daemon("\(directory)/pid") + "; sleep 600", groups: groups) {
                cancellation in
                let pid = try await number(in: "\(directory)/pid")
                #expect(isAlive(pid))
                cancellation.order(RunCancellation.Order(requestedBy: "ann"))
            }

            #expect(outcome.state == .cancelled)
            #expect(outcome.error?.message == "ended on request of ann by SIGTERM")
            #expect(outcome.text("stopped_by") == "SIGTERM")
            let pid = try await number(in: "\(directory)/pid")
            #expect(!isAlive(pid))
        }
    }

    @Test(arguments: ways) func `a daemon that ignores SIGTERM takes SIGKILL, and the outcome says so`(
        groups: ControlGroups?
    ) async throws {
        try await withTemporaryDirectory { directory in
            let stubborn = "trap : TERM; while :; do sleep 600; done"
            let line = daemon("\(directory)/pid", doing: "trap : TERM; echo > \(directory)/set; \(stubborn)")
            let outcome = try await running(line + "; sleep 600", groups: groups) { cancellation in
                _ = try await contents(of: "\(directory)/set")
                cancellation.order(RunCancellation.Order(grace: .milliseconds(500)))
            }

            #expect(outcome.state == .cancelled)
            #expect(outcome.error?.message == "ended on request by SIGKILL, 0.5 s after SIGTERM")
            #expect(outcome.text("stopped_by") == "SIGKILL")
            // The program itself obeyed.
            #expect(outcome.text("signal_name") == "SIGTERM")
            let pid = try await number(in: "\(directory)/pid")
            #expect(!isAlive(pid))
        }
    }

    @Test func `without a grace SIGKILL comes at once`() async throws {
        try await withTemporaryDirectory { directory in
            let line = "trap 'echo asked' TERM; " + daemon("\(directory)/pid") + "; while :; do sleep 600; done"
            let outcome = try await running(line) { cancellation in
                _ = try await contents(of: "\(directory)/pid")
                cancellation.order(RunCancellation.Order(grace: .zero, requestedBy: "ann"))
            }

            #expect(outcome.error?.message == "ended on request of ann by SIGKILL")
            #expect(outcome.text("stdout") == "")
            #expect(outcome.text("signal_name") == "SIGKILL")
            let pid = try await number(in: "\(directory)/pid")
            #expect(!isAlive(pid))
        }
    }

    @Test func `a second order with less grace takes effect while the run ends`() async throws {
        try await withTemporaryDirectory { directory in
            let trap = "trap 'echo asked > \(directory)/asked' TERM; echo > \(directory)/set"
            let clock = ContinuousClock()
            let begin = clock.now
            let outcome = try await running("\(trap); while :; do sleep 600 & wait; done") { cancellation in
                _ = try await contents(of: "\(directory)/set")
                cancellation.order(RunCancellation.Order(grace: .seconds(600), requestedBy: "ann"))
                _ = try await contents(of: "\(directory)/asked")
                cancellation.order(RunCancellation.Order(grace: .zero, requestedBy: "bob"))
            }

            #expect(outcome.state == .cancelled)
            #expect(outcome.error?.message.hasPrefix("ended on request of bob by SIGKILL, ") == true)
            #expect(outcome.text("stopped_by") == "SIGKILL")
            #expect(clock.now - begin < .seconds(500))
        }
    }

    @Test(arguments: ways) func `a daemon that a command leaves behind when it ends by itself lives on`(
        groups: ControlGroups?
    ) async throws {
        try await withTemporaryDirectory { directory in
            var context = testContext()
            context.controlGroups = groups
            let line = daemon("\(directory)/pid") + "; while ! test -e \(directory)/pid; do sleep 0.01; done"
            let outcome = try await shell(line, in: context)
            let pid = try await number(in: "\(directory)/pid")
            defer { kill(pid, SIGKILL) }

            #expect(outcome.state == .completed)
            #expect(outcome.data?["stopped_by"] == nil)
            #expect(isAlive(pid))
        }
    }

    @Test(arguments: ways) func `many processes that fork on and on are all ended`(groups: ControlGroups?) async throws
    {
        try await withTemporaryDirectory { directory in
            // Each one starts the next in a session of its own, notes its number, and ends.
            let script = "\(directory)/hop"
            let hop = "trap '' TERM HUP\necho $$ >> \(directory)/pids\nsleep 0.02\nsetsid sh \(script) &\nexit\n"
            try hop.write(toFile: script, atomically: true, encoding: .utf8)
            let line = "for i in 1 2 3 4; do sh \(script) & done; sleep 600"
            let outcome = try await running(line, groups: groups) { cancellation in
                while try await contents(of: "\(directory)/pids").split(separator: "\n").count < 20 {}
                cancellation.order(RunCancellation.Order(grace: .milliseconds(100)))
            }
            let pids = try await contents(of: "\(directory)/pids").split(separator: "\n").compactMap { Int32($0) }
            let left = pids.filter { isAlive($0) && HostFile.read("/proc/\($0)/cmdline")?.contains(directory) == true }

            #expect(outcome.text("stopped_by") == "SIGKILL")
            #expect(pids.count >= 20)
            #expect(left.isEmpty)
        }
    }

    @Test func `a supervisor that somebody kills takes the program along`() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await shell(
                // What comes from the agent shows that it has heard of the start.
                "read line; echo $$ > \(directory)/pid; kill -KILL $PPID; sleep 600",
                ["stdin": "go\n"]
            )
            let pid = try await number(in: "\(directory)/pid")

            #expect(outcome.state == .failed)
            #expect(outcome.error?.code == "internal_error")
            while isAlive(pid) { try await Task.sleep(for: .milliseconds(10)) }
        }
    }

    @Test func `a run that is left goes on to its end, and what it writes does not stop it`() async throws {
        try await withTemporaryDirectory { directory in
            let wait = "while ! test -e \(directory)/go; do sleep 0.01; done"
            let write = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2"
            let line = "echo begun; echo $$ > \(directory)/pid; \(wait); \(write); echo > \(directory)/end"
            let outcome = try await running(line) { cancellation in
                _ = try await contents(of: "\(directory)/pid")
                cancellation.leave()
            }
            #expect(outcome.state == .failed)
            #expect(outcome.error?.code == "interrupted")
            #expect(outcome.error?.message == "left running when the agent was stopped; how it ends will not be known")
            #expect(outcome.text("stdout") == "begun\n")
            let pid = try await number(in: "\(directory)/pid")
            #expect(isAlive(pid))

            try "".write(toFile: "\(directory)/go", atomically: true, encoding: .utf8)
            #expect(try await contents(of: "\(directory)/end") == "\n")
        }
    }
}
