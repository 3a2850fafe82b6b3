// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import FoundationEssentials
public import Jobs
internal import NIOCore
internal import NIOHTTP1

/// What a run writes, as it is written.
public enum LiveOutputEvent: Hashable, Sendable {
    /// Bytes of one of its outputs; a character of UTF-8 is never broken.
    case output(RunOutput.Stream, [UInt8], attempt: Int)
    /// So many bytes of one were left out: they came too quickly, or before anybody listened.
    case gap(RunOutput.Stream, bytes: Int, attempt: Int)
    /// The run has ended.
    case end(RunState, attempt: Int)
}

extension BrokerClient {
    /// What a run writes while it goes on, to its end.
    ///
    /// It can be followed before it begins. Of one that has ended, what the record has comes at once.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - hostname: the host.
    /// - Returns: the events.
    /// - Throws: ``BrokerClientError``, `CancellationError`; so does the iteration.
    public func followOutput(of id: JobID, on hostname: String) async throws -> FollowedOutput {
        let path = ["api", "v1", "jobs", id.description, "runs", hostname, "output"]
        var request = HTTPClientRequest(url: base.url(path, query: [("follow", "true")]))
        request.headers = headers
        request.headers.replaceOrAdd(name: "Accept", value: "text/event-stream, application/problem+json")
        do {
            // A stream has no end of its own; that it is alive shows in its heartbeats.
            let response = try await http.execute(request, deadline: .distantFuture)
            if response.status.code != 200 { try check(response, await response.body.collect(upTo: maximumAnswer)) }
            return FollowedOutput(body: response.body, base: base)
        } catch {
            throw Self.translated(error, base: base)
        }
    }
}

/// The events of a run that is followed, to be iterated over once.
public struct FollowedOutput: AsyncSequence, Sendable {
    let body: HTTPClientResponse.Body
    let base: BaseURL

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(EventStreamReader(body, base: base))
    }

    /// Reads in turn.
    public struct Iterator: AsyncIteratorProtocol {
        private var events: EventStreamReader

        init(_ events: EventStreamReader) {
            self.events = events
        }

        /// The next event; nil at the end of the stream.
        ///
        /// - Throws: ``BrokerClientError``; `CancellationError` on cancellation.
        public mutating func next() async throws -> LiveOutputEvent? {
            while let event = try await events.next() {
                // What this client does not know is passed over.
                if let event = try read(event) { return event }
            }
            return nil
        }

        private struct Content: Decodable {
            let attempt: Int
            let text: String?
            let base64: String?
            let stream: RunOutput.Stream?
            let leftOutBytes: Int?
            let state: RunState?

            enum CodingKeys: String, CodingKey {
                case attempt, text, base64, stream, state
                case leftOutBytes = "left_out_bytes"
            }

            var bytes: [UInt8] {
                text.map { Array($0.utf8) } ?? base64.flatMap { Data(base64Encoded: $0) }.map { Array($0) } ?? []
            }
        }

        private func read(_ event: EventStreamParser.Event) throws(BrokerClientError) -> LiveOutputEvent? {
            let content: Content
            do {
                content = try JSON.decode(Content.self, from: event.data)
            } catch {
                throw BrokerClientError(
                    code: .badAnswer,
                    message: "the stream of \(events.base) has what is no event: \(error)"
                )
            }
            if let stream = RunOutput.Stream(rawValue: event.name) {
                return .output(stream, content.bytes, attempt: content.attempt)
            }
            switch event.name {
            case "gap":
                return content.stream.map { .gap($0, bytes: content.leftOutBytes ?? 0, attempt: content.attempt) }
            case "end": return content.state.map { .end($0, attempt: content.attempt) }
            default: return nil
            }
        }
    }
}
