// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs
import Store

/// `/api/v1/jobs/export`: jobs, or their runs, as one table.
struct ExportResource: Sendable {
    /// How many bytes of texts of unbounded length are read at once.
    private static let partBytes = 1024 * 1024

    let jobs: JobService
    let places: StreamPlaces
    /// How many lines are read at once.
    let partSize: Int

    var endpoints: [Endpoint] { [export] }

    private var export: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/jobs/export",
            access: .scope(.jobRead),
            name: "exportJobs",
            summary: "Jobs or their runs as a table, newest first; of 366 days at most.",
            query: JobExportQuery.parameters,
            answer: .init(
                status: .ok,
                schema: ["type": "string"],
                summary: "A line a job or run. One that is cut short is broken off, and has no regular end.",
                mediaType: JobExport.Format.csv.mediaType,
                otherMediaTypes: [JobExport.Format.ndjson.mediaType]
            ),
            errors: [.outOfRange],
            handle: answer
        )
    }

    private func answer(_ call: Call) async throws -> Response {
        let asked = try JobExportQuery(call.query)
        let formats = JobExport.Format.allCases
        let type = MediaRange.preferred(of: formats.map(\.mediaType), by: call.request.headers)
        let format = formats.first { $0.mediaType == type } ?? .csv
        let place = try places.take(try call.principal.keyID)
        let query = JobQuery(
            asked.filter,
            visibility: jobs.visibility(to: call.requester),
            isCounting: false,
            isBare: true
        )
        let headers: HTTPFields = [
            .contentType: format == .csv ? "text/csv; charset=utf-8" : format.mediaType,
            .contentDisposition: "attachment; filename=\"\(asked.filename(format))\"",
        ]
        let (store, partSize) = (jobs.store, partSize)
        switch asked.rows {
        case .jobs:
            return try await ExportStream(
                text: ExportText(format: format, columns: ExportColumns.jobs),
                headers: headers,
                fetch: { last in
                    let start = last.map { ListingWindow<JobID>.Start.after($0.id) } ?? .offset(0)
                    let window = ListingWindow(from: start, limit: partSize, maximumBytes: Self.partBytes)
                    return try await store.jobs(query, window)
                },
                logger: call.context.logger
            ).response(place)
        case .runs:
            return try await ExportStream(
                text: ExportText(format: format, columns: ExportColumns.runs),
                headers: headers,
                fetch: { last in
                    try await store.runs(
                        ofJobs: query,
                        after: last?.place,
                        limit: partSize,
                        maximumBytes: Self.partBytes
                    )
                },
                logger: call.context.logger
            ).response(place)
        }
    }
}
