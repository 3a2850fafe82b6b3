// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
public import Jobs
internal import NIOCore
internal import NIOHTTP1

extension BrokerClient {
    /// All of an output, of the agent where the record has only its ends.
    public struct WholeOutput: Sendable {
        /// The bytes, as they come.
        public let bytes: StreamedBytes
        /// How many bytes come; nil where that was not told.
        public let size: Int?
        /// How many bytes were written in all; nil where that was not told.
        public let totalBytes: Int?
        /// Whether even the agent has not kept all of them: then these are the first ones.
        public let isTruncated: Bool
    }

    /// All of the output of a job's command on a host; what the record has left out comes from the agent.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - hostname: the host.
    ///   - stream: which of the two outputs.
    /// - Returns: the output, of which the next piece is asked for when the one before has been taken.
    /// - Throws: ``BrokerClientError``, also where there is none: `run_not_finished`, `no_output`; and where it cannot be had of
    ///   the agent: `agent_offline`, `output_gone`; `CancellationError`.
    public func wholeOutput(
        of id: JobID,
        on hostname: String,
        _ stream: RunOutput.Stream = .stdout
    ) async throws -> WholeOutput {
        let path = ["api", "v1", "jobs", id.description, "runs", hostname, "output"]
        var request = HTTPClientRequest(url: base.url(path, query: [("stream", stream.rawValue), ("full", "true")]))
        request.headers = headers
        request.headers.replaceOrAdd(name: "Accept", value: "*/*")
        do {
            // It may take long; that it goes on shows in its pieces.
            let response = try await http.execute(request, deadline: .distantFuture)
            if response.status.code != 200 { try check(response, await response.body.collect(upTo: maximumAnswer)) }
            return WholeOutput(
                bytes: StreamedBytes("the output", body: response.body, base: base),
                size: response.headers.first(name: "Content-Length").flatMap { Int($0) },
                totalBytes: response.headers.first(name: "Output-Total-Bytes").flatMap { Int($0) },
                isTruncated: response.headers.first(name: "Output-Truncated") == "true"
            )
        } catch {
            throw Self.translated(error, base: base)
        }
    }
}
