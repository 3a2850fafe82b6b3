// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct CodableShapeTests {
    private let time = Timestamp(milliseconds: 1_795_249_800_125)
    private let id = JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41)

    /// Checks that a value is written as `golden`, and that what was written is read as the same value.
    private func check<Value: Codable & Equatable>(_ value: Value, _ golden: String) throws {
        let bytes = try JSON.encode(value)

        #expect(String(decoding: bytes, as: UTF8.self) == golden.split(separator: "\n").joined())
        #expect(try JSON.decode(Value.self, from: bytes) == value)
        if let value = value as? any JSONWritable { #expect(try value.text() == bytes) }
    }

    @Test func `a job in a listing`() throws {
        let request = JobRequest(
            operation: OperationRequest(type: "command.exec", data: ["argv": ["uptime"]]),
            target: "_all",
            note: "n/1",
            labels: ["ticket": "4711"]
        )
        let job = Job(
            id: id,
            request: request,
            createdAt: time,
            deadlineAt: time + .seconds(3600),
            progress: JobStateMachine(frozenSetSize: 2),
            createdBy: nil
        )

        try check(
            job,
            """
            {"agent_counts":{"acknowledged":0,"cancelled":0,"completed":0,"expired":0,
            "failed":0,"lost":0,"pending":2,"skipped":0,"started":0,"timed_out":0},
            "agents_changed":0,"agents_completed":0,"agents_total":2,"cancel":null,"changed":null,
            "created_at":"2026-11-21T08:30:00.125Z","created_by":null,"deadline_at":"2026-11-21T09:30:00.125Z","dry_run":false,
            "id":"0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41","labels":{"ticket":"4711"},"note":"n/1","on_interrupt":"fail",
            "operation":{"data":{"argv":["uptime"]},"type":"command.exec"},"parallel":false,"retries":0,"retry":null,
            "retry_of":null,"review":null,"status":"submitted","status_updated_at":"2026-11-21T08:30:00.125Z",
            "target":"_all","template":null,"trace_id":null,"traceparent":null,
            "updated_at":"2026-11-21T08:30:00.125Z","webhook":null}
            """
        )
    }

    @Test func `a job with its timeline`() throws {
        var machine = JobStateMachine(frozenSetSize: 1)
        let pending = Run(jobID: id, agentID: AgentID("3f0c"), hostname: "web-1")
        let event = RunEvent.ended(RunOutcome(state: .timedOut, changed: true))
        guard case .moved(let ended, _) = RunStateMachine.decide(pending, event, attempt: 1, now: time) else {
            Issue.record("the run did not move")
            return
        }
        machine.runMoved(from: pending, to: ended, now: time)
        let request = JobRequest(operation: OperationRequest(type: "ping"), target: "web-1")
        var job = Job(
            id: id,
            request: request,
            createdAt: time,
            updatedAt: time + .seconds(1),
            deadlineAt: time,
            progress: machine,
            createdBy: "admin",
            error: JobError(code: "timed_out", message: "too long", agents: 1),
            retries: 2,
            trace: TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        )
        job.hostname = "web-1"
        job.webhook = JobWebhook(id: "wh_1", receiver: "r.example:8443", events: [.jobFailed])
        job.responses = ["web-1": AgentResponse(ended)]
        job.agentStates = ["web-1": AgentState(ended)]
        job.truncated = true
        job.links = JobLinks(id)
        job.timeline = [TimelineEvent(timestamp: time, event: .submitted, message: "1 agent")]
        job.timelineTotal = 4

        try check(
            job,
            """
            {"agent_counts":{"acknowledged":0,"cancelled":0,"completed":0,"expired":0,
            "failed":0,"lost":0,"pending":0,"skipped":0,"started":0,"timed_out":1},
            "agent_states":{"web-1":{"acknowledged_at":"2026-11-21T08:30:00.125Z","attempt":1,
            "completed_at":"2026-11-21T08:30:00.125Z","duration_ms":0,"error":null,
            "started_at":"2026-11-21T08:30:00.125Z","status":"timed_out"}},
            "agents_changed":1,"agents_completed":1,"agents_total":1,"cancel":null,"changed":true,
            "completed_at":"2026-11-21T08:30:00.125Z","created_at":"2026-11-21T08:30:00.125Z","created_by":"admin",
            "deadline_at":"2026-11-21T08:30:00.125Z","dry_run":false,"error":{"agents":1,"code":"timed_out","message":"too long"},
            "hostname":"web-1","id":"0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41","labels":{},
            "links":{"runs":"/api/v1/jobs/0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41/runs",
            "timeline":"/api/v1/jobs/0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41/timeline"},"note":null,
            "on_interrupt":"fail","operation":{"data":{},"type":"ping"},"parallel":false,
            "responses":{"web-1":{"changed":true,"data":null,"error":null,"hostname":"web-1","status":"timed_out"}},
            "result":null,"retries":2,"retry":null,"retry_of":null,"review":null,
            "started_at":"2026-11-21T08:30:00.125Z","status":"failed","status_updated_at":"2026-11-21T08:30:00.125Z",
            "target":"web-1","template":null,"timeline":[{"error":null,"event":"submitted","hostname":null,
            "message":"1 agent","timestamp":"2026-11-21T08:30:00.125Z"}],"timeline_total":4,
            "trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",
            "traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","truncated":true,
            "updated_at":"2026-11-21T08:30:01.125Z",
            "webhook":{"events":["job.failed"],"id":"wh_1","receiver":"r.example:8443"}}
            """
        )
    }

    @Test func `a run that waits, and one that failed`() throws {
        var run = Run(jobID: id, agentID: AgentID("3f0c"), hostname: "web-1")
        try check(
            run,
            """
            {"acknowledged_at":null,"agent_id":"3f0c","attempt":1,"changed":null,"completed_at":null,"digest":null,"duration_ms":null,
            "error":null,"hostname":"web-1","job_id":"0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41","started_at":null,"status":"pending"}
            """
        )

        run.state = .timedOut
        run.changed = false
        run.error = RunError(code: "timed_out", message: "ran past 5 s")
        run.acknowledgedAt = time
        run.startedAt = time
        run.completedAt = time
        run.data = ["stdout": "", "exit_code": nil]
        run.digest = ResultDigest(bytes: Array(repeating: 7, count: 32))
        try check(
            run,
            """
            {"acknowledged_at":"2026-11-21T08:30:00.125Z","agent_id":"3f0c","attempt":1,"changed":false,
            "completed_at":"2026-11-21T08:30:00.125Z","data":{"exit_code":null,"stdout":""},
            "digest":"0707070707070707070707070707070707070707070707070707070707070707","duration_ms":0,
            "error":{"code":"timed_out","message":"ran past 5 s"},"hostname":"web-1",
            "job_id":"0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41","started_at":"2026-11-21T08:30:00.125Z",
            "status":"timed_out"}
            """
        )
    }

    @Test func `runs with the same result`() throws {
        try check(
            RunGroup(
                count: 2,
                status: .failed,
                exitCode: 3,
                changed: nil,
                errorCode: "non_zero_exit",
                digest: ResultDigest(bytes: Array(repeating: 0xAB, count: 32)),
                sampleHostnames: ["a", "b"],
                excerpt: "no \"disk\"\n"
            ),
            """
            {"changed":null,"count":2,"digest":"abababababababababababababababababababababababababababababababab",
            "error_code":"non_zero_exit","excerpt":"no \\"disk\\"\\n","exit_code":3,"sample_hostnames":["a","b"],
            "status":"failed"}
            """
        )
    }

    @Test func `a digest is 32 bytes in hexadecimal digits, and nothing else`() throws {
        let digits = String(repeating: "0aF", count: 21) + "9"
        let digest = try #require(ResultDigest(digits))

        #expect(digest.description == digits.lowercased() && ResultDigest(bytes: digest.bytes) == digest)
        #expect(RunFilter.Result(digits) == .digest(digest) && RunFilter.Result("null") == .unknown)
        let nonsense = [
            "", "null ", String(digits.dropLast()), digits + "0", digits.dropLast() + "g", digits.dropLast() + "é",
        ]
        for text in nonsense { #expect(ResultDigest(text) == nil && RunFilter.Result(text) == nil, "\(text)") }
        #expect(ResultDigest(bytes: []) == nil && ResultDigest(bytes: digest.bytes + [0]) == nil)
    }

    @Test func `an agent`() throws {
        let agent = Agent(
            id: AgentID("3f0c"),
            hostname: "web-1",
            connected: true,
            labels: ["env": "prod"],
            facts: ["cpus": 8, "os": ["id": "debian"]],
            version: "0.1.0",
            firstSeenAt: time,
            lastSeenAt: time,
            certificateExpiresAt: time
        )

        try check(
            agent,
            """
            {"certificate_expires_at":"2026-11-21T08:30:00.125Z","connected":true,"drain":null,"facts":{"cpus":8,"os":{"id":"debian"}},"first_seen_at":"2026-11-21T08:30:00.125Z",
            "hostname":"web-1","id":"3f0c","labels":{"env":"prod"},"last_seen_at":"2026-11-21T08:30:00.125Z",
            "version":"0.1.0"}
            """
        )
    }

    @Test func `a page, also after a mapping`() throws {
        let page = Page(items: [1, 2], total: 120, limit: 2, offset: 4)

        try check(
            page,
            """
            {"items":[1,2],"pagination":{"limit":2,"next_cursor":null,"next_page":4,"offset":4,"page":3,
            "previous_page":2,"size":2,"total_pages":60},"total_items":120}
            """
        )
        #expect(page.map(String.init) == Page(items: ["1", "2"], total: 120, limit: 2, offset: 4))
    }

    @Test func `a line of a timeline and a fault`() throws {
        let error = RunError(code: "lost", message: "gone")
        try check(
            TimelineEvent(timestamp: time, event: .timedOut, hostname: "web-1", error: error),
            """
            {"error":{"code":"lost","message":"gone"},"event":"timed_out","hostname":"web-1","message":null,
            "timestamp":"2026-11-21T08:30:00.125Z"}
            """
        )
        try check(Fault(pointer: "/a", detail: "b"), #"{"detail":"b","pointer":"/a"}"#)
    }

    @Test func `a submission may leave out what has a default`() throws {
        let request = try JSON.decode(JobRequest.self, from: #"{"operation":{"type":"ping"},"target":"_all"}"#.utf8)

        #expect(request == JobRequest(operation: OperationRequest(type: "ping", data: [:]), target: "_all"))
        #expect(throws: JSON.Failure.self) { try JSON.decode(JobRequest.self, from: #"{"target":"_all"}"#.utf8) }
    }

    @Test func `counts that are missing are zero`() throws {
        let counts = try JSON.decode(RunCounts.self, from: #"{"completed":3,"timed_out":1,"total":9}"#.utf8)

        #expect(counts[.completed] == 3)
        #expect(counts.total == 4)
        #expect(counts.terminal == 4)
        #expect(counts.notWell == 1)
    }

    @Test func `each state has an event of its name`() {
        let states = Set(RunState.allCases.map(\.rawValue)).subtracting(["pending"]).union(["submitted"])

        let others: Set = [
            "retrying", "going_down", "cancel_requested", "cancel_delivered", "order_refused", "reassigned", "retried",
        ]
        #expect(states.union(others) == Set(TimelineEvent.Kind.allCases.map(\.rawValue)))
        #expect(RunState.allCases.allSatisfy { TimelineEvent.Kind($0).rawValue == $0.rawValue || $0 == .pending })
    }
}
