// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Jobs
import StubController
import Testing

/// The program against a controller that has streams.
@Suite(.timeLimit(.minutes(10)))
struct WatchProgramTests {
    /// Answers as the fleet does, and the call for a stream with these events.
    private func respond(_ states: [RunState], stream: StubAnswer) -> StubController.Respond {
        let fleet = StubFleet(states)
        return { request in request.path.hasSuffix("/events") ? stream : fleet.respond(request) }
    }

    @Test func `a job is waited for by its stream, with the output of before`() async throws {
        let stream = StubAnswer.events([
            StubAnswer.line(.submitted, id: "1"), StubAnswer.job([.pending]), StubAnswer.line(.started, id: "2"),
            StubAnswer.job([.started]), StubAnswer.line(.completed, id: "3"), StubAnswer.job([.completed]),
        ])
        let end = try await withStub(respond([.completed], stream: stream)) {
            try await $0.run("exec", "-t", "_all", "-o", "ndjson", "--", "true")
        }

        #expect(end.status == 0, "\(end)")
        let lines = try end.output.split(separator: "\n").map { try JSON.decode(JSONValue.self, from: $0.utf8) }
        #expect(lines.map { $0["status"]?.string } == ["submitted", "processing", "completed"])
        #expect(lines.last?["timeline"]?.array?.count == 1)
        let record = "/api/v1/jobs/\(StubFleet.jobID)"
        #expect(end.requests.count { $0.path == "\(record)/events" } == 1)
        #expect(end.requests.count { $0.path == record } == 1, "the record of the end")
    }

    @Test(
        arguments: [
            ("table", "started          web-1\n"), ("ndjson", #""event":"started","hostname":"web-1""#),
            ("csv", ",started,web-1,"),
        ]
    )
    func `without an id every line of all jobs is shown, until the time is over`(
        format: String,
        words: String
    ) async throws {
        let stream = StubAnswer.events(
            [
                ("begin", "1", [String: String]()), StubAnswer.line(.started, id: "2", on: "web-1"),
                StubAnswer.job([.started]),
            ],
            .staysOpen
        )
        let end = try await withStub(respond([.started], stream: stream)) {
            try await $0.run("jobs", "watch", "-o", format, "--wait-timeout", "5s")
        }

        #expect(end.status == ProgramExit.waitedOut.rawValue, "\(end)")
        #expect(end.output.contains(words) && end.output.contains("\(StubFleet.jobID)"), "\(end)")
        #expect(end.errors.isEmpty)
    }

    @Test func `a controller without the stream of all jobs refuses, and what has no end is no list`() async throws {
        let old = try await withFleet([.completed]) { try await $0.run("jobs", "watch") }
        #expect(old.status == ProgramExit.refused.rawValue, "\(old)")

        let list = try await withFleet([.completed]) { try await $0.run("jobs", "watch", "-o", "json") }
        #expect(list.status == ProgramExit.usage.rawValue && list.requests.isEmpty, "\(list)")
    }

    // MARK: Webhooks of jobs

    @Test func `a job tells a receiver, and the secret that was made for that is said once, on stderr`() async throws {
        let respond: StubController.Respond = { request in
            guard request.method == "POST" else { return StubFleet([.completed]).respond(request) }
            var job = StubFleet.job([.pending])
            job.webhook = JobWebhook(id: "wh_1", receiver: "r.example", events: [.jobFailed], secret: "whsec_x")
            return .json(job, status: 201)
        }
        let end = try await withStub(respond) {
            try await $0.run(
                "run",
                "ping",
                "-t",
                "_all",
                "--no-wait",
                "--quiet",
                "-o",
                "json",
                "--webhook",
                "https://r.example",
                "--webhook-events",
                "job.failed,agent.lost"
            )
        }

        #expect(end.status == 0 && end.errors == "webhook secret: whsec_x\n", "\(end)")
        #expect(!end.output.contains("whsec_x") && end.output.contains("r.example"))
        let sent = try JSON.decode(JobRequest.self, from: end.requests.first?.body ?? [])
        #expect(sent.webhook == JobWebhookRequest(url: "https://r.example", events: [.jobFailed, .agentLost]))
    }

    @Test(
        arguments: [
            ["--webhook-events", "job.failed"], ["--webhook", "https://r.example", "--webhook-events", "job.none"],
            ["--webhook", "https://r.example", "--webhook-secret-env", "NO_SUCH_VARIABLE"],
        ]
    )
    func `options that do not fit a webhook are refused, and nothing is sent`(options: [String]) async throws {
        let end = try await withFleet([.completed]) { try await $0.run(["run", "ping", "-t", "_all"] + options) }

        #expect(end.status == ProgramExit.usage.rawValue && end.requests.isEmpty, "\(end)")
    }
}
