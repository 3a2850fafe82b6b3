// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Jobs
import StubController
import Synchronization
import Testing

/// The program itself, run against a stub of the controller.
@Suite(.timeLimit(.minutes(10)))
struct ProgramTests {
    @Test(
        arguments: [
            ([.completed, .completed], .success), ([.completed, .skipped], .success),
            ([.completed, .failed], .someHostsFailed), ([.failed, .timedOut], .allHostsFailed),
            ([.completed, .cancelled], .allHostsFailed),
        ] as [([RunState], ProgramExit)]
    )
    func `the exit code tells how the job went`(states: [RunState], status: ProgramExit) async throws {
        let end = try await withFleet(states) { try await $0.run("exec", "-t", "_all", "--", "uptime") }

        #expect(end.status == status.rawValue, "\(end)")
    }

    @Test func `results are on stdout, progress is on stderr`() async throws {
        let end = try await withFleet([.completed, .failed]) {
            try await $0.run("exec", "-t", "_all", "--timeout", "90s", "--", "uptime", "-p")
        }

        #expect(
            end.output == """
                HOST   STATUS     CHANGED  EXIT  TOOK  ERROR
                web-1  completed  yes         0  0.1s  -
                web-2  failed     no          3  0.1s  exit code 3: no such table
                --- web-1: stdout
                up 3 days
                --- web-2: stdout
                up 3 days
                partial failure: 1 of 2 hosts completed, 1 failed; 1 changed; took 35ms

                """
        )
        #expect(end.errors.contains("job \(StubFleet.jobID): 2 hosts"))
        let sent = try #require(end.requests.first { $0.method == "POST" })
        #expect(
            try JSON.decode(JobRequest.self, from: sent.body).operation
                == OperationRequest(type: "command.exec", data: ["argv": ["uptime", "-p"], "timeout": 90])
        )
    }

    @Test func `options may come before the command, and output is as they say`() async throws {
        let end = try await withFleet([.completed]) {
            try await $0.run("-o", "csv", "--color", "never", "agents", "--output=json", "list")
        }

        #expect(end.status == 0, "\(end)")
        #expect(try JSON.decode(JSONValue.self, from: end.output.utf8).array?.isEmpty == false, "\(end)")
    }

    @Test func `every option that may come before the command is one that all commands have`() async throws {
        let end = try await withFleet([.completed]) { try await $0.run("jobs", "list", "--help") }

        for option in ["-o", "--output", "--color", "--url", "--key", "--ca-file", "--config"] {
            #expect(end.output.contains("\(option) <") || end.output.contains("\(option), "), "\(option)")
        }
    }

    @Test func `quiet says nothing on stderr`() async throws {
        let end = try await withFleet([.completed]) {
            try await $0.run("shell", "-t", "_all", "--quiet", "-o", "json", "uptime | wc -l")
        }

        #expect(end.errors.isEmpty)
        let value = try JSON.decode(JSONValue.self, from: end.output.utf8)
        #expect(value["status"]?.string == "completed")
        #expect(value["runs"]?.array?.first?["data"]?["stdout"]?.string == "up 3 days\n")
    }

    @Test func `ndjson tells each change and ends with the runs`() async throws {
        let end = try await withFleet([.completed]) {
            try await $0.run("exec", "-t", "_all", "-o", "ndjson", "--", "true")
        }

        let lines = try end.output.split(separator: "\n").map { try JSON.decode(JSONValue.self, from: $0.utf8) }
        #expect(lines.map { $0["status"]?.string } == ["submitted", "completed"])
        #expect(lines.map { $0["runs"]?.array?.count } == [nil, 1])
    }

    @Test func `without waiting the id is the result`() async throws {
        let end = try await withFleet([.failed]) {
            try await $0.run("run", "ping", "-t", "_all", "--no-wait", "--deadline", "1h")
        }

        #expect(end.status == 0)
        #expect(end.output == "\(StubFleet.jobID)\n")
        #expect(end.requests.count { $0.method == "POST" } == 1)
        #expect(end.errors == "to watch it: broker jobs watch \(StubFleet.jobID)\n")
    }

    @Test(arguments: [["--no-wait"], ["--wait-timeout", "5s"]])
    func `hosts that are away are named once`(options: [String]) async throws {
        let fleet = StubFleet([.completed, .pending])
        let end = try await withStub(fleet.respond(whereAway: [fleet.runs[1]])) {
            try await $0.run(["exec", "-t", "_all"] + options + ["--", "uptime"])
        }

        let words = "1 host is away (web-2) and gets the job on its return, until \(fleet.job.deadlineAt.brief)\n"
        #expect(end.errors.components(separatedBy: words).count == 2, "\(end)")
    }

    @Test func `parameters of run take their types from the catalogue`() async throws {
        let end = try await withFleet([.completed]) {
            try await $0.run(
                "run",
                "command.exec",
                "-t",
                "_all",
                "--data",
                #"{"argv":["a"]}"#,
                "--param",
                "timeout=5",
                "--param",
                "cwd=/"
            )
        }

        let sent = try #require(end.requests.first { $0.method == "POST" })
        #expect(
            try JSON.decode(JobRequest.self, from: sent.body).operation.data
                == ["argv": ["a"], "timeout": 5, "cwd": "/"]
        )
    }

    @Test(arguments: [
        ["exec", "--", "uptime"], ["exec", "-t", "", "--", "uptime"], ["exec", "-t", "_all"],
        ["exec", "-t", "_all", "uptime"], ["exec", "-t", "_all", "--timeout", "soon", "--", "a"],
        ["exec", "-t", "_all", "--env", "x", "--", "a"], ["exec", "-t", "_all", "--stdin", "/nowhere", "--", "a"],
        ["shell", "-t", "_all"], ["run", "ping", "-t", "_all", "--data", "[]"], ["jobs", "get", "not-an-id"],
        ["jobs", "list", "--status", "odd"], ["jobs", "list", "--limit", "0"], ["nonsense"], ["status", "--nonsense"],
        ["help", "nonsense"], ["exec", "-t", "a", "-t", "b", "--", "a"], ["agents", "list", "-t", "a", "-t", "b"],
        ["exec", "-t", "a", "--wait", "--no-wait", "--", "a"], ["exec", "-t", "a", "--timeout", "0", "--", "a"],
        ["exec", "-t", "a", "--no-wait", "--wait-timeout", "5", "--", "a"], ["status", "--url", "nowhere"],
        ["status", "--config", "/nowhere"], ["status", "--ca-file", "/nowhere"],
    ])
    func `a wrong command line has code 2 and sends nothing`(arguments: [String]) async throws {
        let end = try await withFleet([.completed]) { try await $0.run(arguments) }

        #expect(end.status == ProgramExit.usage.rawValue, "\(end)")
        #expect(end.output.isEmpty)
        #expect(!end.errors.isEmpty)
        #expect(end.requests.isEmpty)
    }

    @Test(
        arguments: [
            (["exce", "-t", "_all", "--", "a"], "there is no command 'exce'; did you mean 'exec'?"),
            (
                ["exec", "-t", "a", "--timeout", "0", "--", "a"],
                "The value '0' is invalid for '--timeout <time>': must be more than 0 (see broker exec --help)"
            ),
            (["jobs", "list", "--limit", "-1"], "--limit must be at least 1 (see broker jobs list --help)"),
            (
                ["jobs", "get", "foo"],
                "The value 'foo' is invalid for '<id>': a job id looks like 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41 "
                    + "(see broker jobs get --help)"
            ),
            (
                ["jobs", "list", "--status", "odd"],
                "--status 'odd' is none of submitted, processing, completed, failed, partial_failure, cancelled "
                    + "(see broker jobs list --help)"
            ),
        ] as [([String], String)]
    )
    func `a wrong command line is told in one line with the reason`(arguments: [String], line: String) async throws {
        let end = try await Program(url: "http://127.0.0.1:1").run(arguments)

        #expect(end.errors == "broker: \(line)\n")
    }

    @Test func `an argument that is not UTF-8 is refused and nothing is sent`() async throws {
        let end = try await withFleet([.completed]) {
            try await $0.run(["-c", #"exec "$0" exec -t web-1 -- "$(printf 'a\377b')""#], in: "/bin/sh")
        }

        #expect(end.status == ProgramExit.usage.rawValue)
        #expect(end.errors == "broker: argument 5 is not UTF-8 text: 'a<ff>b'\n")
        #expect(end.requests.isEmpty)
    }

    @Test func `results that have nowhere to go have code 1`() async throws {
        let end = try await withFleet([.completed]) {
            try await $0.run(["-c", #"exec "$0" jobs get \#(StubFleet.jobID) >&- <&-"#], in: "/bin/sh")
        }

        #expect(end.status == ProgramExit.unexpected.rawValue)
        #expect(end.errors == "broker: cannot write the results: stdout is closed\n")
    }

    @Test func `what stands before the program and is nothing is named`() async throws {
        let odd = try await withFleet([.completed]) {
            try await $0.run("exec", "-t", "_all", "--limit", "9", "--", "seq", "5")
        }
        #expect(odd.status == ProgramExit.usage.rawValue)
        #expect(odd.errors.hasPrefix("broker: '9' is neither an option nor the value of one; "), "\(odd.errors)")
        #expect(odd.errors.contains("broker exec --target _all -- seq 5"))

        let bare = try await withFleet([.completed]) { try await $0.run("exec", "-t", "_all", "uptime") }
        #expect(bare.errors.contains("broker exec --target _all -- uptime"), "\(bare.errors)")
    }

    @Test func `a missing target names the one for every host`() async throws {
        let end = try await withFleet([.completed]) { try await $0.run("exec", "--", "uptime") }

        #expect(end.errors.contains("_all"))
    }

    @Test func `a refusal has code 5 and says all that the controller said`() async throws {
        let fault = Fault(pointer: "/target", detail: "a name is missing")
        let end = try await withStub({ _ in .problem(400, "invalid_target", "no such target", faults: [fault]) }) {
            try await $0.run("exec", "-t", "and", "--", "uptime")
        }

        #expect(end.status == ProgramExit.refused.rawValue)
        #expect(end.errors.contains("broker: no such target (400 invalid_target, request req-1)\n"))
        #expect(end.errors.contains("  /target: a name is missing\n"))
    }

    @Test func `a fault of the controller has code 1, one that is going down code 6`() async throws {
        let fault = try await withStub({ _ in .problem(500, "internal_error", "sorry") }) { try await $0.run("status") }
        let away = try await withStub({ _ in .problem(503, "unavailable", "bye") }) { try await $0.run("status") }

        #expect(fault.status == ProgramExit.unexpected.rawValue)
        #expect(away.status == ProgramExit.unreachable.rawValue)
    }

    @Test func `a controller that is not there has code 6`() async throws {
        let reserved = try ReservedPort()
        let port = reserved.number

        let end = try await Program(url: "http://127.0.0.1:\(port)").run("status")

        #expect(end.status == ProgramExit.unreachable.rawValue)
        #expect(
            end.errors
                == "broker: cannot reach http://127.0.0.1:\(port): connection refused (the URL is from BROKER_URL)\n"
        )
        withExtendedLifetime(reserved) {}
    }

    @Test func `a job that takes too long has code 7 and goes on`() async throws {
        let end = try await withFleet([.completed, .started]) {
            try await $0.run("jobs", "watch", "\(StubFleet.jobID)", "--wait-timeout", "3s")
        }

        #expect(end.status == ProgramExit.waitedOut.rawValue, "\(end)")
        #expect(end.errors.contains("broker jobs watch \(StubFleet.jobID)"))
        #expect(end.output.contains("processing: 1 of 2 hosts completed, 1 not done"))
    }

    @Test func `an interrupt ends the waiting with code 130 and says that the job goes on`() async throws {
        let end = try await withFleet([.started]) { program in
            try await program.run(["exec", "-t", "_all", "--", "sleep", "9"]) { stub in
                stub.requests.count { $0.method == "GET" } >= 2
            }
        }

        #expect(end.status == ProgramExit.interrupted.rawValue, "\(end)")
        #expect(end.errors.contains("goes on; to watch it: broker jobs watch \(StubFleet.jobID)"))
    }

    @Test func `a failed job that is only shown has code 0`() async throws {
        let end = try await withFleet([.failed]) { try await $0.run("jobs", "get", "\(StubFleet.jobID)") }

        #expect(end.status == 0)
        #expect(end.output.contains("exit code 3: no such table"))
    }

    @Test func `an empty listing says so on stderr`() async throws {
        let empty = StubAnswer.json(Page<Job>(items: [], total: 0, limit: 50, offset: 0))
        let end = try await withStub({ _ in empty }) { try await $0.run("jobs", "list") }

        #expect(end.status == 0)
        #expect(end.output.isEmpty)
        #expect(end.errors == "no jobs\n")
    }

    @Test func `a part of a listing says what it leaves out`() async throws {
        let end = try await withFleet([.completed]) { try await $0.run("jobs", "list", "--limit", "1") }

        #expect(end.output.hasPrefix("ID  "))
        #expect(end.errors == "1–1 of 3 jobs; --all shows all\n")
        #expect(end.requests.map(\.uri) == ["/api/v1/jobs?limit=1"])
    }

    @Test(arguments: [["--help"], ["exec", "--help"], ["--version"], ["--generate-completion-script", "bash"]])
    func `help, version and completions are results`(arguments: [String]) async throws {
        let end = try await Program(url: "http://127.0.0.1:1").run(arguments)

        #expect(end.status == 0)
        #expect(end.output.contains("broker"))
        #expect(end.errors.isEmpty)
    }

    @Test(arguments: [
        "", "exec", "shell", "run", "jobs list", "jobs get", "jobs watch", "jobs runs", "jobs output", "jobs cancel",
        "jobs retry",
        "jobs delete", "agents list", "agents get", "agents drain", "agents resume", "operations list",
        "operations get", "operations describe", "targets preview", "status", "version",
    ])
    func `help fits into 80 columns`(command: String) async throws {
        let arguments = command.split(separator: " ").map(String.init) + ["--help"]

        let lines = try await Program(url: "http://127.0.0.1:1").run(arguments).output.split(separator: "\n")

        #expect(!lines.isEmpty)
        #expect(lines.filter { $0.count > 80 } == [])
    }
}

extension StubFleet {
    /// Answers as ever, and that the hosts of these runs are away and their runs wait.
    fileprivate func respond(whereAway away: [Run]) -> StubController.Respond {
        { request in
            let agents = away.map { run in
                Agent(
                    id: run.agentID,
                    hostname: run.hostname,
                    connected: false,
                    labels: [:],
                    facts: [:],
                    version: "0.1.0",
                    firstSeenAt: job.createdAt,
                    lastSeenAt: job.createdAt
                )
            }
            switch request.uri {
            case "/api/v1/agents?connected=false&limit=500":
                return .json(Page(items: agents, total: agents.count, limit: 500, offset: 0))
            case "/api/v1/jobs/\(Self.jobID)/runs?status=pending&data=false&limit=1000":
                return .json(Page(items: away, total: away.count, limit: 1000, offset: 0))
            default:
                return respond(request)
            }
        }
    }
}
