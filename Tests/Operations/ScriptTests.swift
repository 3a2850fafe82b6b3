// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

@Suite(.timeLimit(.minutes(2)))
struct ScriptTests {
    @Test func `a script runs with its arguments, variables and input`() async throws {
        let data: JSONValue = [
            "body": "read line; echo \"$1-$2 $A $B $line\"; exit 3", "arguments": ["one two", "three"],
            "env": ["A": "a"],
            "secret_env": ["B": "b"], "stdin": "in\n", "ok_exit_codes": [3], "cwd": "/usr",
        ]
        let outcome = try await run("script.run", data)

        #expect(outcome.state == .completed && outcome.changed == true, "\(outcome)")
        #expect(outcome.text("stdout") == "one two-three a b in\n")
        #expect(outcome.number("exit_code") == 3)
    }

    @Test func `an interpreter is found in PATH`() async throws {
        let bash = try await run("script.run", ["body": "echo from a bash: $BASH_VERSION", "interpreter": "bash"])
        #expect(bash.text("stdout")?.hasPrefix("from a bash: 5") == true, "\(bash)")
        let none = try await run("script.run", ["body": "x", "interpreter": "no-such-interpreter"])
        #expect(none.state == .failed && none.error?.code == "spawn_failed" && none.changed == false, "\(none)")
    }

    @Test func `the body lies where only the agent's user can read it, and is gone afterwards`() async throws {
        let body = "echo \"$0\"; stat -c %a \"$0\"; stat -c %a \"${0%/*}\"; "
        for end in ["exit 0", "exit 1", "kill -KILL $$"] {
            let outcome = try await run("script.run", ["body": .string(body + end)])
            let lines = (outcome.text("stdout") ?? "").split(separator: "\n").map(String.init)
            #expect(lines.count == 3 && lines.dropFirst() == ["600", "700"], "\(outcome)")
            let path = try #require(lines.first)
            #expect(path.hasPrefix("/tmp/broker-script-"))
            #expect(try FileState(at: String(path.dropLast("/script".count))) == nil)
        }
    }

    @Test func `the body is gone after a script that is cancelled or runs past its limit`() async throws {
        try await withTemporaryDirectory { directory in
            let body = JSONValue.string("echo \"$0\" >\(directory)/name; sleep 600")
            let task = Task { try await run("script.run", ["body": body]) }
            let path = try await contents(of: directory + "/name").trimmingCharacters(in: .newlines)
            #expect(try FileState(at: path) != nil)
            task.cancel()
            let outcome = try await task.value
            #expect(outcome.state == .cancelled)
            #expect(try FileState(at: path) == nil)

            let late = try await run("script.run", ["body": "echo \"$0\"; sleep 600", "timeout": 1])
            #expect(late.state == .timedOut)
            let name = (late.text("stdout") ?? "").trimmingCharacters(in: .newlines)
            #expect(name.hasSuffix("/script"))
            #expect(try FileState(at: name) == nil)
        }
    }

    @Test func `a script is not run where creates or removes says so, and a dry run knows no more`() async throws {
        let dry = try await run("script.run", ["body": "exit 0"], dryRun: true)
        #expect(dry.state == .skipped && dry.error?.code == "no_dry_run")
        for isDry in [true, false] {
            let outcome = try await run("script.run", ["body": "exit 1", "creates": "/etc/passwd"], dryRun: isDry)
            #expect(outcome.state == .completed && outcome.changed == false)
            let other = try await run("script.run", ["body": "exit 1", "removes": "/no-such-file"], dryRun: isDry)
            #expect(other.state == .completed && other.changed == false)
        }
    }

    @Test(
        arguments: [
            ["body": ""], [:], ["body": "x", "interpreter": ""], ["body": "a\0b"], ["body": "x", "argv": ["y"]],
            ["body": "x", "arguments": ["a\0b"]], ["body": "x", "interpreter": "a\0b"],
            ["body": "x", "cwd": "relative"],
        ] as [JSONValue]
    )
    func `bad parameters are refused`(data: JSONValue) async throws {
        let outcome = try await run("script.run", data)
        #expect(outcome.state == .failed && outcome.error?.code == "invalid_parameters", "\(outcome)")
        #expect(outcome.changed == false)
    }

    @Test func `what looks like a reference in a body is the script's own`() async throws {
        let outcome = try await run("script.run", ["body": "echo '{{fact.none}} {{{{'"])
        #expect(outcome.text("stdout") == "{{fact.none}} {{{{\n")
    }

    @Test func `what an agent left that died is taken away by the next script`() async throws {
        try await withTemporaryDirectory { directory in
            let left = try ScriptFile("exit", in: directory, now: WallClock.now())
            let other = directory + "/broker-script-left"
            mkdir(other, 0o700)
            try Data().write(to: URL(filePath: other + "/script"))
            let soon = try ScriptFile("exit", in: directory, now: WallClock.now())
            #expect(try FileState(at: other) != nil, "a young one may be about to be locked")

            let later = try ScriptFile("exit", in: directory, now: WallClock.now() + .seconds(61))

            #expect(try FileState(at: other) == nil)
            for path in [left.path, soon.path, later.path] {
                #expect(try FileState(at: path) != nil, "one that is in use stays")
            }
            left.remove()
            soon.remove()
            later.remove()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }
}
