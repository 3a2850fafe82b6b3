// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

@Suite(.timeLimit(.minutes(10)))
struct CommandTests {
    @Test func `a command that ends well is completed and counts as a change`() async throws {
        let outcome = try await exec(["/bin/echo", "hello", "wörld"])

        #expect(outcome.state == .completed)
        #expect(outcome.changed == true)
        #expect(outcome.error == nil)
        #expect(outcome.text("stdout") == "hello wörld\n")
        #expect(outcome.text("stdout_encoding") == "utf-8")
        #expect(outcome.number("stdout_bytes") == 13)
        #expect(outcome.text("stderr") == "")
        #expect(outcome.number("exit_code") == 0)
        #expect(outcome.data?["signal"] == .null)
        #expect(outcome.data?["stdout_truncated"] == false)
        #expect((outcome.number("duration_ms") ?? -1) >= 0)
    }

    @Test func `stdout and stderr are kept apart`() async throws {
        let outcome = try await shell("echo out; echo err >&2")

        #expect(outcome.text("stdout") == "out\n")
        #expect(outcome.text("stderr") == "err\n")
    }

    @Test func `a non-zero exit code fails with the last line of stderr`() async throws {
        let outcome = try await shell("echo first >&2; echo '  the reason' >&2; echo >&2; exit 3")

        #expect(outcome.state == .failed)
        #expect(outcome.changed == nil)
        #expect(outcome.error == RunError(code: "non_zero_exit", message: "exit code 3: the reason"))
        #expect(outcome.number("exit_code") == 3)
    }

    @Test(arguments: [([0, 3], 3, RunState.completed), ([3], 0, .failed), ([255], 255, .completed)])
    func `ok_exit_codes says what is success`(codes: [Int], code: Int, state: RunState) async throws {
        let outcome = try await shell("exit \(code)", ["ok_exit_codes": .array(codes.map { .int(Int64($0)) })])

        #expect(outcome.state == state)
        #expect(outcome.number("exit_code") == Int64(code))
    }

    @Test func `a process killed by a signal fails with its name`() async throws {
        let outcome = try await shell("kill -SEGV $$")

        #expect(outcome.state == .failed)
        #expect(outcome.error == RunError(code: "killed_by_signal", message: "ended by the signal SIGSEGV"))
        #expect(outcome.number("signal") == 11)
        #expect(outcome.text("signal_name") == "SIGSEGV")
        #expect(outcome.data?["exit_code"] == .null)
    }

    @Test func `it runs in cwd with the minimal environment and the job's`() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await exec(
                ["/usr/bin/env"],
                ["cwd": .string(directory), "env": ["A": "1 2", "LANG": "de_DE.UTF-8"]]
            )
            let names = outcome.text("stdout")?.split(separator: "\n").compactMap { $0.split(separator: "=").first }
            let place = try await exec(["/bin/pwd"], ["cwd": .string(directory)])

            #expect(Set(names ?? []) == ["PATH", "HOME", "LANG", "A"])
            #expect(outcome.text("stdout")?.contains("\nLANG=de_DE.UTF-8\n") == true)
            #expect(outcome.text("stdout")?.contains("A=1 2\n") == true)
            #expect(place.text("stdout") == directory + "\n")
            #expect(try await exec(["/bin/pwd"]).text("stdout") == "/\n")
        }
    }

    @Test func `a name without a slash is looked up in the job's PATH`() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory + "/broker-test-program"
            // A link, since a file just written is "busy" while a process that another test starts has it open.
            try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "/bin/echo")

            let without = try await exec(["broker-test-program"])
            let path = JSONValue.string("rel:/nowhere:\(directory)")
            let with = try await exec(["broker-test-program", "found"], ["env": ["PATH": path]])

            #expect(without.error?.code == "spawn_failed")
            #expect(with.text("stdout") == "found\n")
        }
    }

    @Test func `what cannot be started fails with the reason`() async throws {
        try await withTemporaryDirectory { directory in
            let script = directory + "/script"
            try "#!/no/such/interpreter\n".write(toFile: script, atomically: true, encoding: .utf8)
            let missing = try await exec(["/no/such/program"])
            let forbidden = try await exec([script])
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
            let uninterpreted = try await exec([script])
            let nowhere = try await exec(["/bin/true"], ["cwd": .string(directory + "/none")])
            let file = try await exec(["/bin/true"], ["cwd": .string(script)])

            for outcome in [missing, forbidden, uninterpreted, nowhere, file] {
                #expect(outcome.state == .failed)
                #expect(outcome.changed == false)
                #expect(outcome.error?.code == "spawn_failed")
            }
            #expect(missing.error?.message == "cannot run '/no/such/program': No such file or directory")
            #expect(forbidden.error?.message == "cannot run '\(script)': Permission denied")
            #expect(uninterpreted.error?.message.contains("whose interpreter is missing") == true)
            #expect(nowhere.error?.message.hasPrefix("cannot start in '\(directory)/none'") == true)
            #expect(file.error?.message == "cannot start in '\(script)': Not a directory")
        }
    }

    @Test func `creates and removes decide whether anything is run`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/made"
            let touch = "echo run >> \(path)"
            let first = try await shell(touch, ["creates": .string(path)])
            let second = try await shell(touch, ["creates": .string(path)])
            let third = try await shell("rm \(path)", ["removes": .string(path)])
            let fourth = try await shell("touch \(path)", ["removes": .string(path)])

            #expect(first.changed == true)
            #expect(second.state == .completed)
            #expect(second.changed == false)
            #expect(second.text("skipped_because") == "'\(path)' exists")
            #expect(third.changed == true)
            #expect(fourth.changed == false)
            #expect(fourth.text("skipped_because") == "'\(path)' does not exist")
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `parameters are checked again`() async throws {
        let unknown = try await exec(["/bin/true"], ["colour": "red"])
        let relative = try await exec(["/bin/true"], ["cwd": "tmp"])
        let list = try await OperationSet.builtIn.run(
            OperationRequest(type: "command.exec", data: ["argv": []]),
            in: testContext()
        )
        let none = try await OperationSet.builtIn.run(OperationRequest(type: "no.such"), in: testContext())

        for outcome in [unknown, relative, list] {
            #expect(outcome.state == .failed)
            #expect(outcome.changed == false)
            #expect(outcome.error?.code == "invalid_parameters")
        }
        #expect(unknown.error?.message.contains("colour") == true)
        #expect(none.error?.code == "unknown_operation")
    }
}
