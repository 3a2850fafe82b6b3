// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs
import Store

/// `/api/v1/jobs/{id}/runs/{hostname}/output`: what a command wrote on a host, byte for byte.
struct RunOutputResource: Sendable {
    let jobs: JobService
    let whole: WholeOutput
    /// Of those who follow a run.
    let streams: StreamPlaces
    let heartbeat: Duration

    private static let text = "text/plain; charset=utf-8"
    private static let binary = "application/octet-stream"

    var endpoints: [Endpoint] { [output] }

    private var output: Endpoint {
        let stream = QueryParameter(
            name: "stream",
            kind: .choice(RunOutput.Stream.allCases.map(\.rawValue)),
            summary: "Which of the two; stdout if left out, or both where they are followed."
        )
        let full = QueryParameter(
            name: "full",
            kind: .flag(default: false),
            summary: "All of it: what the record has left out comes from the agent, which keeps it for a while."
        )
        let follow = QueryParameter(
            name: "follow",
            kind: .flag(default: false),
            summary:
                "Events (text/event-stream) of what the run writes, as it writes it: stdout, stderr, gap, end. Not with full."
        )
        return Endpoint(
            method: .get,
            path: "/api/v1/jobs/{id}/runs/{hostname}/output",
            access: .scope(.jobRead),
            name: "getOutput",
            summary: "The output of a command on a host, as it was written: what the record holds of it, or all.",
            query: [stream, full, follow],
            isTagged: true,
            isRanged: true,
            answer: .init(
                status: .ok,
                schema: [:],
                summary: "The bytes.",
                mediaType: Self.binary,
                otherMediaTypes: [Self.text, "text/event-stream"],
                headers: [
                    HTTPField.Name.outputTotalBytes.rawName: "How many bytes were written in all.",
                    HTTPField.Name.outputTruncated.rawName:
                        "true where some were left out, and a line in their place says how many.",
                    HTTPField.Name.outputSHA256.rawName: "The SHA-256 of all that was written.",
                ]
            ),
            errors: [.noOutput, .runNotFinished, .outputGone, .agentOffline],
            handle: read
        )
    }

    private func read(_ call: Call) async throws -> Response {
        let id = try await call.readableJobID(in: jobs)
        let asked = call.query.text("stream").flatMap(RunOutput.Stream.init)
        let stream = asked ?? .stdout
        guard let hostname = call.parameter("hostname"), let run = try await jobs.store.run(of: id, on: hostname) else {
            throw APIError(.notFound, "there is no job '\(id)' with a run on '\(call.shown("hostname"))'")
        }
        if call.query.flag("follow") == true { return try follow(run, asked, call) }
        guard let output = RunOutput(stream, in: run.data) else { throw Self.error(of: run, stream) }
        if call.query.flag("full") == true, output.isTruncated {
            return try await whole.response(to: call, run, stream, Self.headers(of: output))
        }
        let answer = RangedAnswer(
            ByteBuffer(bytes: output.bytes),
            type: output.isText ? Self.text : Self.binary,
            headers: Self.headers(of: output)
        )
        return try answer.response(to: call.request)
    }

    private func follow(_ run: Run, _ stream: RunOutput.Stream?, _ call: Call) throws -> Response {
        guard call.query.flag("full") != true else {
            throw Query.fault(.invalidQuery, "follow", "and full exclude each other")
        }
        return FollowedRun(
            jobs: jobs,
            agents: whole.agents,
            id: run.jobID,
            hostname: run.hostname,
            streams: stream.map { [$0] } ?? Set(RunOutput.Stream.allCases),
            heartbeat: heartbeat
        ).response(try streams.take(try call.principal.keyID))
    }

    /// Why there is nothing to give: it may come yet, or it never will.
    private static func error(of run: Run, _ stream: RunOutput.Stream) -> APIError {
        guard run.state.isTerminal else {
            return APIError(
                .runNotFinished,
                "the run on '\(run.hostname)' is \(run.state.rawValue); output comes with its end"
            )
        }
        return APIError(
            .noOutput,
            "the run on '\(run.hostname)' is \(run.state.rawValue), and has no \(stream.rawValue)"
        )
    }

    private static func headers(of output: RunOutput) -> HTTPFields {
        var headers: HTTPFields = [.outputTruncated: String(output.isTruncated)]
        headers[.outputTotalBytes] = output.totalBytes.map { String($0) }
        // An agent may say anything; this is a header.
        let isHash =
            output.sha256?.utf8.count == 64 && output.sha256?.allSatisfy { $0.isASCII && $0.isHexDigit } == true
        headers[.outputSHA256] = isHash ? output.sha256 : nil
        return headers
    }
}

extension HTTPField.Name {
    /// How many bytes were written in all.
    static let outputTotalBytes = known("Output-Total-Bytes")
    /// Whether some of them were left out.
    static let outputTruncated = known("Output-Truncated")
    /// The SHA-256 of all of them.
    static let outputSHA256 = known("Output-SHA256")
}
