// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// A controller that plays the life of one job: each look at it finds it one step further.
package struct StubFleet: Sendable {
    /// The id of its job.
    package static let jobID = JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41)

    /// The id of the job of which that job is a retry, where it is one.
    package static let retriedID = JobID(high: 0x0198_C5A0_0000_7B3A, low: 0x9C55_0F6F_3D1F_2A41)

    /// The states of the runs in the end, one a host: `web-1`, `web-2` and so on.
    package let states: [RunState]
    /// What the hosts' commands wrote.
    package let stdout: String

    /// Makes a fleet whose job ends in these states; with one that is not terminal it never ends.
    package init(_ states: [RunState], stdout: String = "up 3 days\n") {
        self.states = states
        self.stdout = stdout
    }

    /// The job with its runs in the states of the end.
    package var job: Job { Self.job(states) }

    /// The runs in the states of the end.
    package var runs: [Run] {
        states.enumerated().map { index, state in
            var run = Run(
                jobID: Self.jobID,
                agentID: AgentID("a\(index + 1)"),
                hostname: "web-\(index + 1)",
                state: state
            )
            guard state.isTerminal else { return run }
            run.changed = state == .completed
            run.completedAt = Timestamp(milliseconds: 1_795_249_800_160)
            run.data = [
                "exit_code": state == .completed ? 0 : 3, "stdout": .string(stdout), "stderr": "", "duration_ms": 120,
            ]
            if state != .completed {
                run.error = RunError(code: "non_zero_exit", message: "exit code 3: no such table\nand more")
            }
            return run
        }
    }

    /// A job whose runs are in these states.
    package static func job(
        _ states: [RunState],
        retryOf: JobID? = nil,
        cancelled reason: String? = nil,
        dryRun: Bool? = nil
    ) -> Job {
        var counts = RunCounts(pending: 0)
        for state in states { counts[state] += 1 }
        let created = Timestamp(milliseconds: 1_795_249_800_125)
        let started = counts[.pending] < counts.total ? created : nil
        let finished = counts.terminal == counts.total ? created + .milliseconds(35) : nil
        let progress = JobStateMachine(
            counts: counts,
            changedCount: counts[.completed],
            unchangedCount: 0,
            acknowledgedAt: started,
            startedAt: started,
            completedAt: finished
        )
        let request = JobRequest(operation: OperationRequest(type: "command.exec"), target: "_all", dryRun: dryRun)
        var job = Job(
            id: jobID,
            request: request,
            createdAt: created,
            deadlineAt: created + .seconds(3600),
            progress: progress,
            createdBy: "admin",
            retryOf: retryOf,
            cancel: reason.map { CancelRequest(requestedAt: created, requestedBy: "admin", reason: $0) }
        )
        job.timeline = [TimelineEvent(timestamp: created, event: .submitted, message: "\(states.count) agents")]
        job.timelineTotal = 1
        return job
    }

    /// An agent.
    package static func agent(_ hostname: String, drained reason: String? = nil) -> Agent {
        let time = Timestamp(milliseconds: 1_795_249_800_125)
        return Agent(
            id: AgentID("id-\(hostname)"),
            hostname: hostname,
            connected: true,
            labels: ["env": "prod"],
            facts: [:],
            version: "0.1.0",
            firstSeenAt: time,
            lastSeenAt: time,
            drain: reason.map { AgentDrain(since: time, by: "admin", reason: $0) }
        )
    }

    /// Answers calls: the submission finds the job pending, every look at the record finds it at its end.
    package func respond(_ request: StubRequest) -> StubAnswer {
        guard request.headers["authorization"] == "Bearer secret" else {
            return .problem(401, "unauthorized", "no key, or a wrong one")
        }
        let path = request.path.split(separator: "/").map(String.init)
        guard path.starts(with: ["api", "v1"]) else { return .problem(404, "not_found", "no such path") }
        switch (request.method, Array(path.dropFirst(2))) {
        case ("POST", ["jobs"]):
            return .json(Self.job(states.map { _ in .pending }), status: 201)
        case ("GET", ["jobs"]):
            return .json(Page(items: [job], total: 3, limit: 1, offset: 0))
        case ("GET", ["jobs", Self.jobID.description]):
            return .json(job)
        case ("GET", ["jobs", Self.jobID.description, "runs"]):
            return .json(Page(items: runs, total: runs.count, limit: 100, offset: 0))
        case ("GET", ["jobs", Self.jobID.description, "groups"]):
            return .json(Page(items: Self.groups, total: 3, limit: 100, offset: 0))
        case ("GET", ["jobs", Self.jobID.description, "runs", "web-1", "output"]):
            return output(request)
        case ("POST", ["jobs", Self.jobID.description, "cancel"]):
            return .json(Self.job(states.map { _ in .started }, cancelled: "wrong hosts"), status: 202)
        case ("POST", ["jobs", Self.retriedID.description, "retry"]):
            return .json(Self.job(states.map { _ in .pending }, retryOf: Self.retriedID), status: 201)
        case ("DELETE", ["jobs", Self.jobID.description]):
            return .answer(204, [], headers: [:])
        case ("POST", ["agents", "web-1", "drain"]):
            return .json(Self.agent("web-1", drained: "new disk"))
        case ("POST", ["agents", "web-1", "resume"]):
            return .json(Self.agent("web-1"))
        case ("GET", ["agents"]):
            return .json(Page(items: [Self.agent("web-1", drained: "new disk")], total: 1, limit: 50, offset: 0))
        case ("GET", ["agents", "web-1"]):
            return .json(Self.agent("web-1", drained: "new disk"))
        case ("GET", ["operations"]):
            let all = OperationCatalogue.builtIn.descriptors
            return .json(Page(items: all, total: all.count, limit: all.count, offset: 0))
        case ("GET", ["status"]):
            return .json(["jobs": ["failed": 2], "agents": ["known": 5, "connected": 4]] as JSONValue)
        case ("POST", ["targets", "preview"]):
            return .json(
                Page(
                    items: [["id": "a1", "hostname": "web-1", "connected": true] as JSONValue],
                    total: 1,
                    limit: 1000,
                    offset: 0
                )
            )
        default:
            return .problem(404, "not_found", "no such job, agent or path")
        }
    }

    /// The runs of a job of nine hosts by their results, without the commonest.
    package static let groups = [
        RunGroup(
            count: 1,
            status: .failed,
            exitCode: 3,
            changed: nil,
            errorCode: "non_zero_exit",
            digest: ResultDigest(bytes: Array(repeating: 0xAB, count: 32)),
            sampleHostnames: ["web-7"],
            excerpt: "no such table\nand \u{1B}[31mmore\n"
        ),
        RunGroup(
            count: 8,
            status: .completed,
            exitCode: 0,
            changed: true,
            errorCode: nil,
            digest: ResultDigest(bytes: Array(repeating: 0xCD, count: 32)),
            sampleHostnames: ["web-1", "web-2", "web-3", "web-4", "web-5"],
            excerpt: nil
        ),
    ]

    /// What the command wrote: to stdout a text that was shortened, to stderr bytes that are no text.
    private func output(_ request: StubRequest) -> StubAnswer {
        guard request.uri.hasSuffix("?stream=stdout") else {
            return .answer(200, [0xFF, 0x00, 0x1B, 0x0A], headers: ["Content-Type": "application/octet-stream"])
        }
        return .answer(
            200,
            Array(stdout.utf8),
            headers: [
                "Content-Type": "text/plain; charset=utf-8", "Output-Total-Bytes": "2000", "Output-Truncated": "true",
                "Output-SHA256": "0a",
            ]
        )
    }
}

extension StubAnswer {
    /// A stream of events: what each is, its place if it has one, and its JSON.
    package static func events(
        _ events: [(name: String, id: String?, data: any Encodable)],
        _ end: StubStreamEnd = .ends
    ) -> StubAnswer {
        let text = events.map { event in
            let data = String(decoding: (try? JSON.encode(event.data)) ?? [], as: UTF8.self)
            return (event.id.map { "id: \($0)\n" } ?? "") + "event: \(event.name)\ndata: \(data)\n\n"
        }
        return .stream(Array(text.joined().utf8), end)
    }

    /// The event of a stream that has a line of the job's timeline.
    package static func line(
        _ kind: TimelineEvent.Kind,
        id: String,
        on hostname: String? = nil
    ) -> (name: String, id: String?, data: any Encodable) {
        struct Line: Encodable {
            let job_id = StubFleet.jobID
            let line: TimelineEvent
        }
        let time = Timestamp(milliseconds: 1_795_249_800_125)
        return ("timeline", id, Line(line: TimelineEvent(timestamp: time, event: kind, hostname: hostname)))
    }

    /// The event of a stream that has the job with its runs in these states.
    package static func job(_ states: [RunState]) -> (name: String, id: String?, data: any Encodable) {
        ("job", nil, StubFleet.job(states))
    }

    /// An answer with a value as JSON.
    package static func json(_ value: some Encodable, status: Int = 200) -> StubAnswer {
        .answer(status, (try? JSON.encode(value)) ?? [])
    }

    /// A refusal.
    package static func problem(
        _ status: Int,
        _ code: String,
        _ detail: String,
        faults: [Fault] = []
    ) -> StubAnswer {
        let errors = faults.map { JSONValue.object(["pointer": .string($0.pointer), "detail": .string($0.detail)]) }
        let body: JSONValue = [
            "type": "about:blank", "title": "Refused", "status": .int(Int64(status)), "code": .string(code),
            "detail": .string(detail), "request_id": "req-1", "errors": .array(errors),
        ]
        return .answer(
            status,
            (try? JSON.encode(body)) ?? [],
            headers: ["Content-Type": "application/problem+json"]
        )
    }
}
