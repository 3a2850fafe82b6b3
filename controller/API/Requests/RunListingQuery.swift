// SPDX-License-Identifier: Apache-2.0

import Jobs

// What a request asks of the listing of a job's runs.

extension RunFilter {
    /// The parameters of the call that select runs.
    static let queryParameters = [
        QueryParameter(
            name: "status",
            kind: .choice(RunState.allCases.map(\.rawValue)),
            summary: "Only runs in this state."
        ),
        QueryParameter(
            name: "changed",
            kind: .choice(JobFilter.Change.allCases.map(\.rawValue)),
            summary: "Only runs that changed their host, did not, or of which that is not known."
        ),
        QueryParameter(
            name: "search",
            kind: .text(length: 1...maximumSearch),
            summary: "Only runs on hosts whose names begin so."
        ),
        QueryParameter(
            name: "digest",
            kind: .text(length: 4...2 * ResultDigest.size),
            summary: "Only runs with this result, as the groups have it; null for those that have not told."
        ),
    ]

    /// Reads a query that was checked against ``queryParameters``.
    ///
    /// - Throws: ``APIError`` `invalid_query`, `out_of_range`.
    init(_ query: Query) throws(APIError) {
        self.init(
            state: query.text("status").flatMap(RunState.init),
            change: query.text("changed").flatMap(JobFilter.Change.init),
            search: query.text("search")
        )
        guard (1...Self.maximumSearch).contains(search?.unicodeScalars.count ?? 1) else {
            throw Query.fault(.outOfRange, "search", "has 1 to \(Self.maximumSearch) characters")
        }
        guard let text = query.text("digest") else { return }
        guard let result = Result(text) else {
            let form = "must be \(2 * ResultDigest.size) hexadecimal digits, or null"
            throw Query.fault(.invalidQuery, "digest", form)
        }
        self.result = result
    }

    /// A text that two filters have in common only if they select the same.
    var name: String {
        // With quotes, so that no text can end another.
        [state?.rawValue, change?.rawValue, search?.lowercased(), result?.text].map { $0.debugDescription }.joined(
            separator: " "
        )
    }
}
