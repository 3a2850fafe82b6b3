// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Jobs
import StubController
import Testing

/// The commands that do something to jobs and agents, as the built program.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ControlProgramTests {
    private let id = StubFleet.jobID.description
    private let retried = StubFleet.retriedID.description

    private func body(of end: ProgramEnd) throws -> JSONValue {
        let call = try #require(end.requests.first { $0.method == "POST" })
        return try JSON.decode(JSONValue.self, from: call.body)
    }

    // MARK: jobs cancel

    @Test func `a cancel waits for every host and says how the job went`() async throws {
        let end = try await withFleet([.cancelled, .completed]) {
            try await $0.run("jobs", "cancel", id, "--reason", "wrong hosts", "--grace", "1.5s")
        }

        #expect(end.status == 0, "\(end)")
        #expect(end.requests.first?.uri == "/api/v1/jobs/\(id)/cancel")
        #expect(try body(of: end) == ["reason": "wrong hosts", "grace": 1.5])
        #expect(end.output.contains("web-1  cancelled"))
        #expect(end.output.contains("cancelled: 1 of 2 hosts completed"), "\(end)")
    }

    @Test(arguments: [[.failed, .failed], [.completed, .failed], [.lost, .cancelled]] as [[RunState]])
    func `no run that goes on is what a cancel is for, however they ended`(states: [RunState]) async throws {
        let end = try await withFleet(states) { try await $0.run("jobs", "cancel", id) }

        #expect(end.status == 0, "\(end)")
        #expect(try body(of: end) == [:])
    }

    @Test func `a cancel that is not waited for prints the id`() async throws {
        let end = try await withFleet([.started]) { try await $0.run("jobs", "cancel", id, "--no-wait") }

        #expect(end.status == 0)
        #expect(end.output == "\(id)\n")
        #expect(end.errors == "to watch it: broker jobs watch \(id)\n")
        #expect(end.requests.count == 1)
    }

    @Test func `a cancel that is not waited for prints the record as JSON`() async throws {
        let end = try await withFleet([.started]) {
            try await $0.run("jobs", "cancel", id, "--no-wait", "-q", "-o", "json")
        }

        #expect(end.errors.isEmpty)
        let record = try JSON.decode(JSONValue.self, from: end.output.utf8)
        #expect(record["id"]?.string == id)
        #expect(record["cancel"]?["reason"] == "wrong hosts")
    }

    @Test func `runs that do not end in time have code 7`() async throws {
        let end = try await withFleet([.cancelled, .started]) {
            try await $0.run("jobs", "cancel", id, "--wait-timeout", "3s")
        }

        #expect(end.status == ProgramExit.waitedOut.rawValue, "\(end)")
    }

    @Test func `a job that has ended has code 5 and says so`() async throws {
        let end = try await withStub({ _ in .problem(409, "job_finished", "the job has ended as completed") }) {
            try await $0.run("jobs", "cancel", id)
        }

        #expect(end.status == ProgramExit.refused.rawValue)
        #expect(end.output.isEmpty)
        #expect(end.errors.contains("the job has ended as completed (409 job_finished"))
    }

    // MARK: jobs retry

    @Test(
        arguments: [
            ([.completed], .success), ([.completed, .failed], .someHostsFailed), ([.failed], .allHostsFailed),
        ] as [([RunState], ProgramExit)]
    )
    func `the exit code of a retry tells how the new job went`(states: [RunState], status: ProgramExit) async throws {
        let end = try await withFleet(states) { try await $0.run("jobs", "retry", retried) }

        #expect(end.status == status.rawValue, "\(end)")
        #expect(end.requests.first?.uri == "/api/v1/jobs/\(retried)/retry")
        #expect(try body(of: end) == ["only": "failed"])
        #expect(end.errors.contains("job \(id): "), "it is the new job that is watched")
    }

    @Test(arguments: ["failed", "not_completed", "all"])
    func `a retry says which hosts`(only: String) async throws {
        let end = try await withFleet([.completed]) {
            try await $0.run("jobs", "retry", retried, "--only", only, "--no-wait")
        }

        #expect(end.status == 0)
        #expect(end.output == "\(id)\n")
        #expect(end.errors == "to watch it: broker jobs watch \(id)\n")
        #expect(try body(of: end) == ["only": .string(only)])
    }

    @Test func `a retry as JSON is the new job with its runs`() async throws {
        let end = try await withFleet([.completed]) { try await $0.run("jobs", "retry", retried, "-o", "json", "-q") }

        let record = try JSON.decode(JSONValue.self, from: end.output.utf8)
        #expect(record["id"]?.string == id)
        #expect(record["runs"]?.array?.count == 1)
        #expect(end.errors.isEmpty)
    }

    // MARK: jobs delete

    @Test func `jobs are deleted one after another`() async throws {
        let end = try await withStub({ _ in .answer(204, [], headers: [:]) }) {
            try await $0.run("jobs", "delete", id, retried)
        }

        #expect(end.status == 0)
        #expect(end.output.isEmpty)
        #expect(end.errors == "deleted job \(id)\ndeleted job \(retried)\n")
        #expect(end.requests.map(\.method) == ["DELETE", "DELETE"])
        #expect(end.requests.map(\.uri) == ["/api/v1/jobs/\(id)", "/api/v1/jobs/\(retried)"])
    }

    @Test func `a job that cannot be deleted ends the deleting with code 5`() async throws {
        let answer = StubAnswer.problem(409, "job_not_finished", "the job has not ended; cancel it first")
        let end = try await withStub({ $0.uri.hasSuffix(StubFleet.jobID.description) ? .answer(204, []) : answer }) {
            try await $0.run("jobs", "delete", "--quiet", id, retried, id)
        }

        #expect(end.status == ProgramExit.refused.rawValue)
        #expect(end.errors == "broker: the job has not ended; cancel it first (409 job_not_finished, request req-1)\n")
        #expect(end.requests.count == 2)
    }

    // MARK: agents

    @Test func `an agent is drained and resumed`() async throws {
        let drained = try await withFleet([]) {
            try await $0.run("agents", "drain", "web-1", "--reason", "new disk")
        }
        let resumed = try await withFleet([]) { try await $0.run("agents", "resume", "web-1") }

        #expect(drained.status == 0 && resumed.status == 0)
        #expect(drained.output == "web-1 drained\n")
        #expect(resumed.output == "web-1 resumed\n")
        #expect(drained.requests.map(\.uri) == ["/api/v1/agents/web-1/drain"])
        #expect(try body(of: drained) == ["reason": "new disk"])
        #expect(resumed.requests.map(\.uri) == ["/api/v1/agents/web-1/resume"])
    }

    @Test func `a drain as JSON is the agent`() async throws {
        let end = try await withFleet([]) { try await $0.run("agents", "drain", "web-1", "-o", "json") }

        let agent = try JSON.decode(JSONValue.self, from: end.output.utf8)
        #expect(agent["hostname"] == "web-1")
        #expect(agent["drain"]?["by"] == "admin")
    }

    @Test func `an agent that is not known has code 5`() async throws {
        for command in ["drain", "resume"] {
            let end = try await withFleet([]) { try await $0.run("agents", command, "web-9") }

            #expect(end.status == ProgramExit.refused.rawValue)
            #expect(end.output.isEmpty)
        }
    }

    @Test func `agents that are drained can be listed and shown as such`() async throws {
        let list = try await withFleet([]) { try await $0.run("agents", "list", "--drained") }
        let csv = try await withFleet([]) { try await $0.run("agents", "list", "-o", "csv") }
        let one = try await withFleet([]) { try await $0.run("agents", "get", "web-1") }

        #expect(list.requests.map(\.uri) == ["/api/v1/agents?drained=true"])
        #expect(list.output.split(separator: "\n").first?.contains("DRAINED") == true)
        let fields = csv.output.split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let column = try #require(fields.first?.firstIndex(of: "drained"))
        #expect(fields.dropFirst().map { $0[column] } == ["true"])
        #expect(one.output.contains("by admin: new disk"))
    }

    // MARK: Submissions

    @Test func `what a submission says of its execution is sent`() async throws {
        let end = try await withFleet([.completed]) {
            try await $0.run([
                "exec", "-t", "_all", "--max-attempts", "3", "--backoff", "1m30s", "--on-interrupt", "rerun",
                "--parallel",
                "--idempotency-key", "k-1", "--", "true",
            ])
        }

        #expect(end.status == 0, "\(end)")
        let sent = try body(of: end)
        #expect(sent["retry"] == ["max_attempts": 3, "backoff": 90])
        #expect(sent["on_interrupt"] == "rerun")
        #expect(sent["parallel"] == true)
        #expect(end.requests.first { $0.method == "POST" }?.headers["idempotency-key"] == "k-1")
    }

    @Test(arguments: [
        ["shell", "-t", "_all", "true"], ["run", "ping", "-t", "_all"], ["exec", "-t", "_all", "--", "a"],
    ])
    func `what is not said of the execution is left out`(arguments: [String]) async throws {
        let end = try await withFleet([.completed]) { try await $0.run(arguments) }

        let sent = try body(of: end)
        #expect(sent.object?.keys.sorted() == ["operation", "target"])
        #expect(end.requests.first { $0.method == "POST" }?.headers["idempotency-key"] == nil)
    }

    @Test func `a record shows what was asked for`() async throws {
        let request = JobRequest(
            operation: OperationRequest(type: "ping"),
            target: "_all",
            retry: RetryPolicy(maxAttempts: 3, backoff: 90),
            onInterrupt: .rerun,
            parallel: true
        )
        let fleet = StubFleet.job([.cancelled])
        let job = Job(
            id: fleet.id,
            request: request,
            createdAt: fleet.createdAt,
            deadlineAt: fleet.deadlineAt,
            progress: JobStateMachine(frozenSetSize: 1),
            createdBy: "ann",
            retryOf: StubFleet.retriedID,
            cancel: CancelRequest(requestedAt: fleet.createdAt, requestedBy: "bob", reason: "too late")
        )
        let end = try await withStub({ request in
            request.uri.contains("/runs") ? .json(Page<Run>(items: [], total: 0, limit: 1, offset: 0)) : .json(job)
        }) { try await $0.run("jobs", "get", id) }

        #expect(end.status == 0, "\(end)")
        let lines = end.output.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        func value(_ name: String) -> String? {
            let words = name.split(separator: " ")
            return lines.first { $0.starts(with: words) }?.dropFirst(words.count).joined(separator: " ")
        }
        #expect(value("retry of") == retried)
        #expect(value("attempts") == "up to 3, 1m30s apart at first")
        #expect(value("on interrupt") == "rerun")
        #expect(value("parallel") == "yes")
        #expect(value("cancel")?.hasSuffix("by bob: too late") == true, "\(end.output)")
    }

    @Test(
        arguments: [
            ["jobs", "cancel"], ["jobs", "cancel", "x"], ["jobs", "retry", "x"], ["jobs", "delete"],
            ["jobs", "delete", "x"], ["agents", "drain"], ["agents", "resume"],
            ["jobs", "cancel", StubFleet.jobID.description, "--grace", "soon"],
            ["jobs", "cancel", StubFleet.jobID.description, "--no-wait", "--wait-timeout", "5"],
            ["jobs", "retry", StubFleet.retriedID.description, "--only", "some"],
            ["jobs", "retry", StubFleet.retriedID.description, "--no-wait", "--wait-timeout", "5"],
            ["exec", "-t", "a", "--backoff", "5s", "--", "a"],
            ["exec", "-t", "a", "--max-attempts", "many", "--", "a"],
            ["exec", "-t", "a", "--on-interrupt", "retry", "--", "a"],
        ]
    )
    func `a wrong command line has code 2 and sends nothing`(arguments: [String]) async throws {
        let end = try await withFleet([.completed]) { try await $0.run(arguments) }

        #expect(end.status == ProgramExit.usage.rawValue, "\(end)")
        #expect(end.output.isEmpty)
        #expect(!end.errors.isEmpty)
        #expect(end.requests.isEmpty)
    }
}
