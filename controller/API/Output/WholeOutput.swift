// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs

/// Answers with an output of which the record has only the ends, from the agent that keeps it.
struct WholeOutput: Sendable {
    /// Who can ask agents; nil where nobody can.
    let agents: (any AgentOutputs)?
    let places: StreamPlaces

    /// The answer: 200 with all that the agent has, 206 with a part, or 304 where the client has it.
    ///
    /// The agent is asked for the size first, so that whatever is wrong can be told as a problem. What goes wrong later cuts the
    /// body, which has a length, so that it does not look whole; the client goes on with a range.
    ///
    /// - Parameters:
    ///   - call: the request.
    ///   - run: whose output it is.
    ///   - stream: which of the two.
    ///   - headers: what the record says of it.
    /// - Returns: the answer.
    /// - Throws: ``APIError``, ``OutputFault``.
    func response(
        to call: Call,
        _ run: Run,
        _ stream: RunOutput.Stream,
        _ headers: HTTPFields
    ) async throws -> Response {
        guard let agents else { throw OutputFault.offline }
        let place = try places.take(try call.principal.keyID)
        let source = OutputSource(agents: agents, run: run, stream: stream)
        let size = try await source.size()
        var headers = headers
        let tag = "\"\(run.jobID)-\(run.attempt)-\(stream.rawValue)-\(size)\""
        headers[.eTag] = tag
        headers[.cacheControl] = "private, no-cache"
        headers[.acceptRanges] = "bytes"
        guard !TaggedAnswer.matches(tag, call.request.headers[values: .ifNoneMatch]) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/octet-stream"
        if let total = headers[.outputTotalBytes].flatMap({ Int($0) }) {
            headers[.outputTruncated] = String(size < total)
        }
        let range = try RangedAnswer.range(call.request, tag: tag, size: size)
        if let range { headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)" }
        return Response(
            status: range == nil ? .ok : .partialContent,
            headers: headers,
            body: source.body(range ?? 0..<size, holding: place, logger: call.context.logger)
        )
    }
}
