// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs
import Store

/// `/api/v1/events` and `/api/v1/jobs/{id}/events`: what happens, as it happens.
struct StreamsResource: Sendable {
    let jobs: JobService
    let places: StreamPlaces
    let heartbeat: Duration

    var endpoints: [Endpoint] { [all, ofJob] }

    private static let summary = "Events (text/event-stream): timeline, job."

    private var all: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/events",
            access: .scope(.jobRead),
            name: "streamEvents",
            summary: "A stream of what happens in all jobs, from now on or after Last-Event-ID.",
            answer: .init(
                status: .ok,
                schema: ["type": "string"],
                summary: Self.summary,
                mediaType: "text/event-stream"
            ),
            errors: [.outOfRange],
            handle: streamAll
        )
    }

    private var ofJob: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/jobs/{id}/events",
            access: .scope(.jobRead),
            name: "streamJobEvents",
            summary: "A stream of what happens in a job, from its beginning or after Last-Event-ID, to its end.",
            answer: .init(
                status: .ok,
                schema: ["type": "string"],
                summary: Self.summary,
                mediaType: "text/event-stream"
            ),
            errors: [.outOfRange],
            handle: streamJob
        )
    }

    private var stream: EventStream {
        EventStream(
            commits: jobs.store.commits,
            version: { [store = jobs.store] in store.version },
            heartbeat: heartbeat
        )
    }

    private func streamAll(_ call: Call) async throws -> Response {
        let place = try places.take(try call.principal.keyID)
        let start = if let last = try call.lastEventID() { last } else { try await jobs.store.feedEnd() }
        return stream.response(FeedEvents(after: start, in: jobs, for: call.requester), place)
    }

    private func streamJob(_ call: Call) async throws -> Response {
        let id = try await call.job(in: jobs).id
        let place = try places.take(try call.principal.keyID)
        let start = Int(clamping: try call.lastEventID() ?? 0)
        return stream.response(JobEvents(id, after: start, in: jobs), place)
    }
}

extension Call {
    /// Where the client's stream broke off; nil where it begins one.
    ///
    /// - Throws: ``APIError`` `out_of_range` for what no stream has given.
    fileprivate func lastEventID() throws(APIError) -> Int64? {
        guard let text = request.headers[.lastEventID], !text.isEmpty else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw APIError(.outOfRange, "Last-Event-ID is the id of an event of this stream")
        }
        return number
    }
}

extension HTTPField.Name {
    fileprivate static let lastEventID = known("Last-Event-ID")
}
