// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Jobs
import StubController
import Testing

/// The calls that do something to jobs and agents.
@Suite(.timeLimit(.minutes(10)))
struct ControlCallTests {
    private let job = "/api/v1/jobs/\(StubFleet.jobID)"
    private let retried = "/api/v1/jobs/\(StubFleet.retriedID)"

    private func body(of call: StubRequest?) throws -> JSONValue {
        try JSON.decode(JSONValue.self, from: try #require(call).body)
    }

    @Test func `a cancel is posted with its reason and its grace, and the record comes back`() async throws {
        try await withFleet(StubFleet([.cancelled])) { client, stub in
            let record = try await client.cancel(StubFleet.jobID, reason: "wrong hosts", grace: 2.5)

            #expect(record.id == StubFleet.jobID)
            #expect(record.cancel?.reason == "wrong hosts")
            let call = stub.requests.first
            #expect(call?.method == "POST")
            #expect(call?.uri == job + "/cancel")
            #expect(call?.headers["content-type"] == "application/json")
            #expect(try body(of: call) == ["reason": "wrong hosts", "grace": 2.5])
        }
    }

    @Test func `what is not said of a cancel is left out`() async throws {
        try await withFleet(StubFleet([.cancelled])) { client, stub in
            _ = try await client.cancel(StubFleet.jobID)

            #expect(try body(of: stub.requests.first) == [:])
        }
    }

    @Test(
        arguments: [(.failed, "failed"), (.notCompleted, "not_completed"), (.all, "all")] as [(RetrySelection, String)]
    )
    func `a retry says which runs, and brings the new job`(only: RetrySelection, word: String) async throws {
        try await withFleet(StubFleet([.completed])) { client, stub in
            let record = try await client.retry(StubFleet.retriedID, only: only)

            #expect(record.retryOf == StubFleet.retriedID)
            let call = stub.requests.first
            #expect(call?.method == "POST")
            #expect(call?.uri == retried + "/retry")
            #expect(call?.headers["idempotency-key"] == nil)
            #expect(try body(of: call) == ["only": .string(word)])
        }
    }

    @Test func `submissions and retries carry their key`() async throws {
        try await withFleet(StubFleet([.completed])) { client, stub in
            let request = JobRequest(operation: OperationRequest(type: "ping"), target: "_all")
            _ = try await client.submit(request, idempotencyKey: "k-1")
            _ = try await client.submit(request)
            _ = try await client.retry(StubFleet.retriedID, idempotencyKey: "k-2")

            #expect(stub.requests.map { $0.headers["idempotency-key"] } == ["k-1", nil, "k-2"])
        }
    }

    @Test func `a deletion has no body, and its answer has none`() async throws {
        try await withFleet(StubFleet([.completed])) { client, stub in
            try await client.delete(StubFleet.jobID)

            #expect(stub.requests.map(\.method) == ["DELETE"])
            #expect(stub.requests.map(\.uri) == [job])
            #expect(stub.requests.map(\.body) == [[]])
        }
    }

    @Test func `a drain is posted with its reason, and a resume ends it`() async throws {
        try await withFleet(StubFleet([.completed])) { client, stub in
            let drained = try await client.drain("web-1", reason: "new disk")
            let resumed = try await client.resume("web-1")

            #expect(drained.drain?.reason == "new disk")
            #expect(resumed.drain == nil)
            #expect(stub.requests.map(\.uri) == ["/api/v1/agents/web-1/drain", "/api/v1/agents/web-1/resume"])
            #expect(try body(of: stub.requests.first) == ["reason": "new disk"])
        }
    }

    @Test func `agents are asked for by whether they are drained`() async throws {
        try await withFleet(StubFleet([.completed])) { client, stub in
            let page = try await client.agents(connected: true, drained: true, limit: 5)
            _ = try await client.agents(drained: false)

            #expect(page.items.map { $0.drain?.by } == ["admin"])
            #expect(
                stub.requests.map(\.uri) == [
                    "/api/v1/agents?connected=true&drained=true&limit=5", "/api/v1/agents?drained=false",
                ]
            )
        }
    }

    @Test func `what is said of the execution is sent, and what is not is left out`() async throws {
        try await withFleet(StubFleet([.completed])) { client, stub in
            let operation = OperationRequest(type: "ping")
            let request = JobRequest(
                operation: operation,
                target: "_all",
                retry: RetryPolicy(maxAttempts: 3, backoff: 0.5),
                onInterrupt: .rerun,
                parallel: true
            )
            _ = try await client.submit(request)
            _ = try await client.submit(JobRequest(operation: operation, target: "_all"))

            let bodies = try stub.requests.map { try body(of: $0) }
            #expect(bodies[0]["retry"] == ["max_attempts": 3, "backoff": 0.5])
            #expect(bodies[0]["on_interrupt"] == "rerun")
            #expect(bodies[0]["parallel"] == true)
            #expect(bodies[1].object?.keys.sorted() == ["operation", "target"])
        }
    }

    @Test(arguments: [
        (409, "job_finished"), (409, "nothing_to_retry"), (429, "too_many_open_jobs"), (404, "not_found"),
    ])
    func `a refusal carries its code and is no outage`(status: Int, code: String) async throws {
        try await StubController.with(respond: { _ in .problem(status, code, "no") }) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "k")) { client in
                let calls: [@Sendable () async throws -> Void] = [
                    { _ = try await client.cancel(StubFleet.jobID) }, { _ = try await client.retry(StubFleet.jobID) },
                    { try await client.delete(StubFleet.jobID) }, { _ = try await client.drain("web-1") },
                    { _ = try await client.resume("web-1") },
                ]
                for call in calls {
                    let error = await #expect(throws: BrokerClientError.self) { try await call() }
                    #expect(error?.problem?.status == status)
                    #expect(error?.problem?.code == code)
                    #expect(error?.isOutage == false)
                }
                #expect(stub.requests.count == calls.count, "nothing is asked twice")
            }
        }
    }
}
