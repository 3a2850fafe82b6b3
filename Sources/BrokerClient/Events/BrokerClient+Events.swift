// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
public import Jobs
internal import NIOCore
internal import NIOHTTP1

extension BrokerClient {
    /// What happens in a job, as it happens: its lines from a place on, and the job as it is after them, to its end.
    ///
    /// The sequence ends with the job, or when the controller goes down; who wants to go on asks again with the last id.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - last: the id of the last event that is known; nil for the beginning.
    /// - Returns: the events.
    /// - Throws: ``BrokerClientError``, `CancellationError`; so does the iteration.
    public func events(of id: JobID, after last: String? = nil) async throws -> StreamedEvents {
        try await stream(["jobs", "\(id)", "events"], after: last)
    }

    /// What happens in all jobs that the key may see, as it happens.
    ///
    /// The first event has the name `begin` and the place from which on there are others.
    ///
    /// - Parameter last: the id of the last event that is known; nil for now.
    /// - Returns: the events.
    /// - Throws: ``BrokerClientError``, `CancellationError`; so does the iteration.
    public func events(after last: String? = nil) async throws -> StreamedEvents {
        try await stream(["events"], after: last)
    }

    private func stream(_ path: [String], after last: String?) async throws -> StreamedEvents {
        var request = HTTPClientRequest(url: base.url(["api", "v1"] + path, query: []))
        request.headers = headers
        request.headers.replaceOrAdd(name: "Accept", value: "text/event-stream, application/problem+json")
        if let last { request.headers.add(name: "Last-Event-ID", value: last) }
        do {
            // A stream has no end of its own; that it is alive shows in its heartbeats.
            let response = try await http.execute(request, deadline: .distantFuture)
            if response.status.code != 200 { try check(response, await response.body.collect(upTo: maximumAnswer)) }
            guard response.headers.first(name: "Content-Type")?.hasPrefix("text/event-stream") == true else {
                throw BrokerClientError(code: .badAnswer, message: "\(base) answers with something else than a stream")
            }
            return StreamedEvents(body: response.body, base: base)
        } catch {
            throw Self.translated(error, base: base)
        }
    }
}

/// An event of a stream.
public struct StreamedEvent: Hashable, Sendable {
    /// What an event can be.
    public enum Content: Hashable, Sendable {
        /// The stream has begun.
        case begin
        /// A line of a job's timeline.
        case line(TimelineEvent, JobID)
        /// A job as it is now.
        case job(Job)
        /// What this client does not know.
        case other(String)
    }

    /// Where to go on after it; nil before the first place.
    public let id: String?
    /// What happened.
    public let content: Content

    /// Makes an event of its parts.
    package init(id: String?, content: Content) {
        self.id = id
        self.content = content
    }
}

/// The events of an open stream, to be iterated over once.
public struct StreamedEvents: AsyncSequence, Sendable {
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
        public mutating func next() async throws -> StreamedEvent? {
            try await events.next().map(read)
        }

        private struct Line: Decodable {
            let jobID: JobID
            let line: TimelineEvent

            enum CodingKeys: String, CodingKey {
                case jobID = "job_id"
                case line
            }
        }

        private func read(_ event: EventStreamParser.Event) throws(BrokerClientError) -> StreamedEvent {
            do {
                let content: StreamedEvent.Content
                switch event.name {
                case "begin": content = .begin
                case "timeline":
                    let line = try JSON.decode(Line.self, from: event.data)
                    content = .line(line.line, line.jobID)
                case "job": content = .job(try JSON.decode(Job.self, from: event.data))
                case let name: content = .other(name)
                }
                return StreamedEvent(id: event.id, content: content)
            } catch {
                throw BrokerClientError(
                    code: .badAnswer,
                    message: "the stream of \(events.base) has what is no event: \(error)"
                )
            }
        }
    }
}
