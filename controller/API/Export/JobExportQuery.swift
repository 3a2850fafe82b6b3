// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a request asks of the export of jobs.
struct JobExportQuery: Sendable {
    let filter: JobFilter
    let rows: JobExport.Rows
    private let from: Timestamp
    private let to: Timestamp

    /// The parameters of the call: those of the listing that say which jobs, and what each line is.
    static let parameters: [QueryParameter] =
        JobFilter.parameters.map { ["from", "to"].contains($0.name) ? $0.required : $0 } + [
            QueryParameter(
                name: "rows",
                kind: .choice(JobExport.Rows.allCases.map(\.rawValue)),
                summary: "What each line is: a job, if left out, or a run."
            )
        ]

    /// Reads a query that was checked against ``parameters``.
    ///
    /// - Throws: ``APIError`` `invalid_query`, `out_of_range`.
    init(_ query: Query) throws(APIError) {
        filter = try JobFilter(query)
        rows = query.text("rows").flatMap(JobExport.Rows.init) ?? .jobs
        guard let from = filter.from else { throw Query.fault(.invalidQuery, "from", "is required") }
        guard let to = filter.to else { throw Query.fault(.invalidQuery, "to", "is required") }
        guard from <= to else { throw Query.fault(.outOfRange, "to", "must not be before from") }
        guard to - from <= .seconds(JobExport.maximumDays * 86_400) else {
            throw Query.fault(.outOfRange, "to", "must be at most \(JobExport.maximumDays) days after from")
        }
        self.from = from
        self.to = to
    }

    /// The name for a file of it: `broker-jobs-20261101T000000Z-20261126T000000Z.csv`.
    func filename(_ format: JobExport.Format) -> String {
        let times = [from, to].map { time in
            // Without what some file systems do not take.
            String(time.description.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z"
        }
        return "broker-\(rows.rawValue)-\(times.joined(separator: "-")).\(format.rawValue)"
    }
}
