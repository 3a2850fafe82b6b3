// SPDX-License-Identifier: Apache-2.0

import Access
import Hummingbird
import JobDispatch
import Jobs
import Store

/// `/api/v1/jobs/{id}/…`: what happened in a job, and what became of it on each host.
struct RunsResource: Sendable {
    let jobs: JobService

    var endpoints: [Endpoint] { [timeline, runs, groups] }

    private var timeline: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/jobs/{id}/timeline",
            access: .scope(.jobRead),
            name: "getTimeline",
            summary: "The timeline of a job, in order.",
            query: [.limit(PageSize.standard), .offset],
            answer: .init(status: .ok, schema: .page(of: "TimelineEvent"), summary: "A part of the timeline."),
            errors: [.outOfRange],
            handle: readTimeline
        )
    }

    private var runs: Endpoint {
        let data = QueryParameter(
            name: "data",
            kind: .flag(default: true),
            summary: "Whether to give what the operations told: output."
        )
        return Endpoint(
            method: .get,
            path: "/api/v1/jobs/{id}/runs",
            access: .scope(.jobRead),
            name: "listRuns",
            summary: "The runs of a job by hostname.",
            query: RunFilter.queryParameters + [data, .limit(PageSize.runs), .offset, .cursor],
            answer: .init(status: .ok, schema: .page(of: "Run"), summary: "A part of the listing."),
            errors: [.outOfRange],
            handle: readRuns
        )
    }

    private var groups: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/jobs/{id}/groups",
            access: .scope(.jobRead),
            name: "listGroups",
            summary: "The runs of a job by their results, the rarest first.",
            query: [.limit(PageSize.groups), .offset],
            isTagged: true,
            answer: .init(status: .ok, schema: .page(of: "RunGroup"), summary: "A part of the groups."),
            errors: [.outOfRange],
            handle: readGroups
        )
    }

    // MARK: Calls

    private func readTimeline(_ call: Call) async throws -> Response {
        // By itself: as an argument it makes the optimiser of Swift 6.3 crash.
        let id = try await call.readableJobID(in: jobs)
        let page = try await jobs.store.timeline(of: id, limit: call.query.limit, offset: call.query.offset)
        guard let page else { throw call.noSuchJob }
        return try .json(page)
    }

    private func readGroups(_ call: Call) async throws -> Response {
        let id = try await call.readableJobID(in: jobs)
        let page = try await jobs.store.groups(of: id, limit: call.query.limit, offset: call.query.offset)
        guard let page else { throw call.noSuchJob }
        return TaggedAnswer(ByteBuffer(bytes: try page.text())).response(to: call.request)
    }

    private func readRuns(_ call: Call) async throws -> Response {
        let id = try await call.readableJobID(in: jobs)
        let filter = try RunFilter(call.query)
        let includesData = call.query.flag("data") ?? true
        let store = jobs.store
        let cursor = ListingCursor(listing: "runs \(id) \(filter.name)")
        let listing = Listing<Run, String>(
            start: try call.query.start(cursor) { $0 },
            limit: call.query.limit,
            cursor: cursor,
            key: { $0.hostname },
            keyText: { $0 },
            fetch: { window in try await store.runs(of: id, filter, includingData: includesData, window) }
        )
        guard let answer = try await listing.answer() else { throw call.noSuchJob }
        return answer.response
    }
}
