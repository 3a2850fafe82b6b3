// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import HummingbirdTesting
import JobDispatch
import Jobs
import NIOCore
import Synchronization
import Testing

@testable import API

/// The whole of an output of which the record has the ends, from an agent that the test plays.
@Suite(.timeLimit(.minutes(10)))
struct WholeOutputTests {
    /// Answers questions from bytes in memory, in pieces of three.
    private final class Agents: AgentOutputs {
        private let bytes: [UInt8]
        private let fault: OutputFault?
        private let breaksAt: Int?
        private let questions = Mutex<[OutputQuestion]>([])

        init(_ text: String = "0123456789", fault: OutputFault? = nil, breaksAt: Int? = nil) {
            bytes = Array(text.utf8)
            self.fault = fault
            self.breaksAt = breaksAt
        }

        var asked: [OutputQuestion] { questions.withLock { $0 } }

        func begin(_ question: OutputQuestion, at agent: AgentID) async throws(OutputFault) -> OutputTransfer {
            questions.withLock { $0.append(question) }
            if let fault { throw fault }
            let mailbox = OutputMailbox()
            put(question.range, in: mailbox)
            return OutputTransfer(mailbox)
        }

        private func put(_ range: Range<Int>, in mailbox: OutputMailbox) {
            let part = range.prefix(3)
            if let breaksAt, part.contains(breaksAt) { return mailbox.fail(.offline) }
            let piece = AgentOutputPiece(
                offset: range.lowerBound,
                bytes: Array(bytes[part]),
                keptBytes: bytes.count,
                isLast: part.count == range.count
            )
            mailbox.put(piece) { goesOn in
                if goesOn { self.put(part.endIndex..<range.upperBound, in: mailbox) }
            }
        }
    }

    private static let data: JSONValue = [
        "stdout": "01\n… 6 bytes left out …\n89", "stdout_encoding": "utf-8", "stdout_bytes": 10,
        "stdout_truncated": true, "stderr": "short", "stderr_bytes": 5, "stderr_truncated": false,
    ]

    private func withRun(
        _ agents: Agents = Agents(),
        _ body: @Sendable (APIFixture, APIClient, _ uri: String) async throws -> Void
    ) async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .completed, data: Self.data))
        try await fixture.serve(outputs: agents) { client in
            try await body(fixture, client, "/api/v1/jobs/\(job.id)/runs/web-1/output?full=true")
        }
    }

    @Test func `what the record has left out comes from the agent, with what is known of it`() async throws {
        let agents = Agents()
        try await withRun(agents) { _, client, uri in
            let whole = try await client.get(uri)
            let part = try await client.send(.get, uri, headers: ["Range": "bytes=2-7"])
            let end = try await client.send(.get, uri, headers: ["Range": "bytes=-1"])
            let tag = try #require(whole.header("ETag"))
            let rest = try await client.send(.get, uri, headers: ["Range": "bytes=9-", "If-Range": tag])
            let again = try await client.send(.get, uri, headers: ["If-None-Match": tag])
            let behind = try await client.send(.get, uri, headers: ["Range": "bytes=10-"])
            let head = try await client.send(.head, uri)

            #expect(whole.status == 200 && whole.text == "0123456789" && whole.header("Content-Length") == "10")
            #expect(whole.header("Output-Truncated") == "false" && whole.header("Output-Total-Bytes") == "10")
            #expect(part.status == 206 && part.text == "234567" && part.header("Content-Range") == "bytes 2-7/10")
            #expect(end.text == "9" && rest.status == 206 && rest.text == "9" && again.status == 304)
            #expect(behind.status == 416 && behind.header("Content-Range") == "bytes */10")
            #expect(head.status == 200 && head.text.isEmpty && head.header("Content-Length") == "10")
        }
        #expect(agents.asked.first?.range == 0..<0 && agents.asked.contains { $0.range == 2..<8 })
        #expect(agents.asked.allSatisfy { $0.stream == .stdout && $0.attempt == 1 })
    }

    @Test func `an agent is not asked for what the record has`() async throws {
        let agents = Agents()
        try await withRun(agents) { _, client, uri in
            let errors = try await client.get(uri + "&stream=stderr")
            let ends = try await client.get(uri.replacing("full=true", with: "full=false"))

            #expect(errors.status == 200 && errors.text == "short")
            #expect(ends.text == "01\n… 6 bytes left out …\n89" && ends.header("Output-Truncated") == "true")
        }
        #expect(agents.asked.isEmpty)
    }

    @Test func `of an output of which the agent has kept the beginning, that is said`() async throws {
        try await withRun(Agents("0123")) { _, client, uri in
            let answer = try await client.get(uri)

            #expect(answer.text == "0123" && answer.header("Output-Truncated") == "true")
            #expect(answer.header("Output-Total-Bytes") == "10")
        }
    }

    @Test(
        arguments: [
            (.offline, 409, "agent_offline"), (.silent, 409, "agent_offline"), (.gone, 410, "output_gone"),
            (.busy, 503, "unavailable"),
        ] as [(OutputFault, Int, String)]
    )
    func `why it cannot be had is told with a code`(fault: OutputFault, status: Int, code: String) async throws {
        try await withRun(Agents(fault: fault)) { _, client, uri in
            let answer = try await client.get(uri)

            #expect(answer.status == status && answer.code == code)
        }
    }

    @Test func `where nobody can ask agents, they are offline`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .completed, data: Self.data))
        try await fixture.serve { client in
            let answer = try await client.get("/api/v1/jobs/\(job.id)/runs/web-1/output?full=true")

            #expect(answer.code == "agent_offline")
        }
    }

    @Test func `a limited key has the whole output of its own jobs alone, and the agent is not asked`() async throws {
        let agents = Agents()
        try await withRun(agents) { fixture, client, uri in
            let key = try await fixture.key([.jobRead], target: "group=web")

            let answer = try await client.send(.get, uri, key: key)

            #expect(answer.status == 403)
        }
        #expect(agents.asked.isEmpty)
    }

    @Test func `an output that breaks off does not look whole`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.end(job, on: ["web-1"], RunOutcome(state: .completed, data: Self.data))
        let uri = "/api/v1/jobs/\(job.id)/runs/web-1/output?full=true"
        try await fixture.serve(.live, outputs: Agents(breaksAt: 4)) { client in
            await #expect(throws: (any Error).self) { try await client.get(uri) }
        }
        try await fixture.serve(outputs: Agents(breaksAt: 4)) { client in
            let part = try await client.send(.get, uri, headers: ["Range": "bytes=5-"])

            #expect(part.text == "56789", "what is left can be had")
        }
    }
}
