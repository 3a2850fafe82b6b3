// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store

/// What a request asks of the listing of jobs.
struct JobListingQuery: Sendable {
    let filter: JobFilter
    let start: ListingWindow<JobID>.Start
    let limit: Int
    let isCounting: Bool
    let expansions: Set<JobExpansion>
    /// The form of the cursors, bound to the filter and to what may be seen.
    let cursor: ListingCursor
    private let given: [String: String]

    /// How the part is said: `limit` and `offset`, `page` and `size`, or `cursor`.
    private enum Style {
        case offset
        case page
        case cursor
    }

    private let style: Style

    /// Reads a query that was checked against ``parameters``.
    ///
    /// - Parameters:
    ///   - query: the query.
    ///   - visibility: what may be seen.
    /// - Throws: ``APIError`` `invalid_query`, `out_of_range`.
    init(_ query: Query, _ visibility: JobQuery.Visibility) throws(APIError) {
        filter = try JobFilter(query)
        given = query.given
        style = try Self.style(query)
        expansions = Set((query.list("expand") ?? []).compactMap(JobExpansion.init))
        isCounting = query.flag("count") ?? (style != .cursor)
        cursor = ListingCursor(listing: "jobs \(Self.name(of: filter)) \(visibility)")
        switch style {
        case .page:
            limit = query.number("size")
            let offset = (query.number("page") - 1) * limit
            guard offset <= PageSize.maximumOffset else {
                throw Query.fault(.outOfRange, "page", "is behind the first \(PageSize.maximumOffset) jobs")
            }
            start = .offset(offset)
        case .offset, .cursor:
            limit = query.number("limit")
            start = try query.start(cursor) { JobID($0) }
        }
    }

    /// All that the answer depends on, as a text.
    var question: String {
        "\(cursor.listing) \(start) \(limit) \(isCounting) \(expansions.map(\.rawValue).sorted()) \(style) \(linkBase)"
    }

    // MARK: Links

    /// The value of `Link`: the parts beside one.
    func links(_ pagination: Pagination) -> String? {
        var links: [(relation: String, with: [(String, String)])] = []
        switch style {
        case .cursor:
            if let next = pagination.nextCursor { links.append(("next", [("limit", "\(limit)"), ("cursor", next)])) }
        case .page:
            links.append(("first", page(1)))
            if let previous = pagination.previousPage { links.append(("prev", page(previous))) }
            if let next = pagination.nextPage { links.append(("next", page(next))) }
            if let last = pagination.totalPages { links.append(("last", page(max(1, last)))) }
        case .offset:
            let offset = pagination.offset ?? 0
            links.append(("first", window(0)))
            if offset > 0 { links.append(("prev", window(max(0, offset - limit)))) }
            if pagination.nextCursor != nil { links.append(("next", window(offset + limit))) }
            if let pages = pagination.totalPages { links.append(("last", window(max(0, pages - 1) * limit))) }
        }
        guard !links.isEmpty else { return nil }
        return links.map { link in
            let query = (linkBase + link.with).map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }
            return "</api/v1/jobs?\(query.joined(separator: "&"))>; rel=\"\(link.relation)\""
        }.joined(separator: ", ")
    }

    private func page(_ number: Int) -> [(String, String)] { [("page", "\(number)"), ("size", "\(limit)")] }

    private func window(_ offset: Int) -> [(String, String)] { [("limit", "\(limit)"), ("offset", "\(offset)")] }

    /// What was given, but for what says which part.
    private var linkBase: [(String, String)] {
        given.filter { !Self.partNames.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    // MARK: Reading

    private static let partNames: Set = ["limit", "offset", "page", "size", "cursor"]

    private static func style(_ query: Query) throws(APIError) -> Style {
        let names = partNames.intersection(query.given.keys)
        if names.isDisjoint(with: ["page", "size"]) {
            guard names.contains("cursor") else { return .offset }
            guard !names.contains("offset") else { throw ListingCursor.fault("and offset cannot be given together") }
            return .cursor
        }
        guard names.isSubset(of: ["page", "size"]) else {
            let others = names.subtracting(["page", "size"]).sorted().joined(separator: ", ")
            let name = names.contains("page") ? "page" : "size"
            throw Query.fault(.invalidQuery, name, "cannot be given together with \(others)")
        }
        return .page
    }

    /// A text that two filters have in common only if they select the same.
    private static func name(of filter: JobFilter) -> String {
        let texts: [String?] = [
            filter.statuses.map(\.rawValue).sorted().joined(separator: ","),
            filter.operations.sorted().joined(separator: ","), filter.change?.rawValue, filter.agent?.lowercased(),
            filter.agentStatuses.map(\.rawValue).sorted().joined(separator: ","), filter.createdBy, filter.template,
            filter.review, filter.retryOf?.description, filter.search?.lowercased(),
            filter.from?.description, filter.to?.description,
        ]
        let labels = filter.labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        // With quotes, so that no text can end another.
        return texts.map { $0.debugDescription }.joined(separator: " ") + labels.debugDescription
    }
}

extension JobListingQuery {
    /// The parameters of the call.
    static let parameters: [QueryParameter] =
        JobFilter.parameters + [
            QueryParameter.limit(PageSize.jobs).exclusive, QueryParameter.offset.exclusive,
            QueryParameter(
                name: "page",
                kind: .number(1...(PageSize.maximumOffset + 1), default: 1),
                summary: "Which page, in place of an offset."
            ).exclusive,
            QueryParameter(
                name: "size",
                kind: .number(1...PageSize.jobs.maximum, default: PageSize.jobs.default),
                summary: "How many jobs a page has, in place of a limit."
            ).exclusive,
            .cursor, .expand,
            QueryParameter(
                name: "count",
                kind: .flag(default: nil),
                summary: "Whether to count all jobs that fit; true if left out, but with a cursor false."
            ),
        ]
}

extension QueryParameter {
    /// What records of jobs are to have beside themselves.
    static let expand = QueryParameter(
        name: "expand",
        kind: .choices(JobExpansion.allCases.map(\.rawValue)),
        summary: "What the records have beside themselves; nothing where it is empty.",
        mayBeEmpty: true
    )
}
