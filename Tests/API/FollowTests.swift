// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import JobDispatch
import Jobs
import Store
import Synchronization
import Testing

@testable import API

/// Streams of what runs write, from agents that the test plays.
@Suite(.timeLimit(.minutes(10)))
struct FollowTests {
    /// Gives each question the next of some answers.
    private final class Agents: AgentOutputs {
        private let answers: Mutex<[Result<[AgentOutputPiece], OutputFault>]>
        private let questions = Mutex<[OutputQuestion]>([])
        private let ended: @Sendable () async throws -> Void

        init(
            _ answers: [Result<[AgentOutputPiece], OutputFault>],
            ended: @escaping @Sendable () async throws -> Void = {}
        ) {
            self.answers = Mutex(answers)
            self.ended = ended
        }

        var asked: [OutputQuestion] { questions.withLock { $0 } }

        func begin(_ question: OutputQuestion, at agent: AgentID) async throws(OutputFault) -> OutputTransfer {
            questions.withLock { $0.append(question) }
            let answer = answers.withLock { $0.isEmpty ? .failure(.silent) : $0.removeFirst() }
            let isDone = answers.withLock { $0.isEmpty }
            let pieces = try answer.get()
            let mailbox = OutputMailbox()
            put(pieces[...], in: mailbox)
            if isDone { do { try await ended() } catch { throw .broken } }
            return OutputTransfer(mailbox)
        }

        private func put(_ pieces: ArraySlice<AgentOutputPiece>, in mailbox: OutputMailbox) {
            guard let piece = pieces.first else { return mailbox.fail(.offline) }
            mailbox.put(piece) { goesOn in
                if goesOn { self.put(pieces.dropFirst(), in: mailbox) }
            }
        }
    }

    private static func piece(
        _ text: String,
        _ stream: RunOutput.Stream = .stdout,
        at offset: Int,
        isLast: Bool = false
    ) -> AgentOutputPiece {
        AgentOutputPiece(stream, offset: offset, bytes: Array(text.utf8), keptBytes: 0, isLast: isLast)
    }

    private static let last = piece("", at: 0, isLast: true)
    private static let outcome = RunOutcome(
        state: .completed,
        data: [
            "stdout": "one\ntwo\n", "stdout_bytes": 8, "stdout_truncated": false, "stderr": "odd\n", "stderr_bytes": 4,
            "stderr_truncated": false,
        ]
    )

    /// Follows a run that begins, and ends when the last of the answers is given.
    private func follow(
        _ answers: [Result<[AgentOutputPiece], OutputFault>],
        _ outcome: RunOutcome = outcome,
        query: String = ""
    ) async throws -> (text: String, asked: [OutputQuestion]) {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.begin(job, on: "web-1")
        let agents = Agents(answers) { try await fixture.end(job, on: ["web-1"], outcome) }
        let text = Mutex("")
        try await fixture.serve(heartbeat: .milliseconds(200), outputs: agents) { client in
            let answer = try await client.get("/api/v1/jobs/\(job.id)/runs/web-1/output?follow=true\(query)")
            #expect(answer.status == 200 && answer.header("Content-Type") == "text/event-stream")
            text.withLock { $0 = answer.text.replacing(": still here\n\n", with: "") }
        }
        return (text.withLock { $0 }, agents.asked)
    }

    private func event(_ name: String, _ data: String) -> String { "event: \(name)\ndata: \(data)\n\n" }

    @Test func `what a run writes comes as events, and its end with its state`() async throws {
        let (text, asked) = try await follow([
            .success([
                Self.piece("one\n", at: 0), Self.piece("odd\n", .stderr, at: 0), Self.piece("two\n", at: 4), Self.last,
            ])
        ])

        #expect(
            text == event("stdout", #"{"attempt":1,"offset":0,"text":"one\n"}"#)
                + event("stderr", #"{"attempt":1,"offset":0,"text":"odd\n"}"#)
                + event("stdout", #"{"attempt":1,"offset":4,"text":"two\n"}"#)
                + event("end", #"{"attempt":1,"state":"completed"}"#)
        )
        #expect(asked.count == 1 && asked.first?.isFollowing == true)
    }

    @Test func `where the link is lost it goes on from its place, and the record has the rest`() async throws {
        let (text, asked) = try await follow([
            .success([Self.piece("one\n", at: 0), Self.piece("od", .stderr, at: 0)]), .failure(.offline),
            .success([Self.last]),
        ])

        #expect(asked.last?.range.lowerBound == 4 && asked.last?.errorPlace == 2)
        #expect(
            text == event("stdout", #"{"attempt":1,"offset":0,"text":"one\n"}"#)
                + event("stderr", #"{"attempt":1,"offset":0,"text":"od"}"#)
                + event("stdout", #"{"attempt":1,"offset":4,"text":"two\n"}"#)
                + event("stderr", #"{"attempt":1,"offset":2,"text":"d\n"}"#)
                + event("end", #"{"attempt":1,"state":"completed"}"#)
        )
    }

    @Test func `what was left out is said, and one output alone can be followed`() async throws {
        let cut = RunOutcome(
            state: .failed,
            data: ["stdout": "…", "stdout_bytes": 5000, "stdout_truncated": true, "stderr": "x", "stderr_bytes": 1]
        )
        let (text, _) = try await follow(
            [.success([Self.piece("no", .stderr, at: 0), Self.piece("far", at: 1000), Self.last])],
            cut,
            query: "&stream=stdout"
        )

        #expect(
            text == event("gap", #"{"attempt":1,"offset":0,"stream":"stdout","left_out_bytes":1000}"#)
                + event("stdout", #"{"attempt":1,"offset":1000,"text":"far"}"#)
                + event("gap", #"{"attempt":1,"offset":1003,"stream":"stdout","left_out_bytes":3997}"#)
                + event("end", #"{"attempt":1,"state":"failed"}"#)
        )
    }

    @Test func `who follows the output that is silent hears that the stream lives while the other is written`()
        async throws
    {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.begin(job, on: "web-1")
        let pieces = (0..<50).map { Self.piece("x\n", at: 2 * $0) } + [Self.last]
        let agents = Agents([.success(pieces)]) { try await fixture.end(job, on: ["web-1"], Self.outcome) }
        try await fixture.serve(heartbeat: .nanoseconds(1), outputs: agents) { client in
            let uri = "/api/v1/jobs/\(job.id)/runs/web-1/output?follow=true&stream=stderr"
            let text = try await client.get(uri).text
            let beats = text.split(separator: "\n\n").count { $0 == ": still here" }
            #expect(beats >= 50, "one for each piece that is not wanted")
            #expect(text.contains(#""text":"odd\n""#) && !text.contains("stdout"))
        }
    }

    @Test func `of a run that has ended the record is told, and no agent is asked`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.end(job, on: ["web-1"], Self.outcome)
        let agents = Agents([])
        try await fixture.serve(outputs: agents) { client in
            let uri = "/api/v1/jobs/\(job.id)/runs/web-1/output?follow=true"
            let answer = try await client.get(uri)
            let both = try await client.get(uri + "&full=true")
            let key = try await fixture.key([.jobRead], target: "group=web")
            let other = try await client.send(.get, uri, key: key)

            #expect(answer.text.contains(#""text":"one\ntwo\n""#) && answer.text.contains(#""state":"completed""#))
            #expect(both.status == 400 && both.code == "invalid_query")
            #expect(other.status == 403)
        }
        #expect(agents.asked.isEmpty)
    }
}
