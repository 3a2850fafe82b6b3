// SPDX-License-Identifier: Apache-2.0

/// Which part of a listing was given, and how to ask for those beside it.
public struct Pagination: Decodable, Hashable, Sendable {
    /// How many items there are at most.
    public let limit: Int
    /// How many items come before this part; nil where it was asked for by a cursor.
    public let offset: Int?
    /// The number of this part, from 1; nil where the offset is no multiple of the limit, or not known.
    public let page: Int?
    /// The same as ``limit``.
    public let size: Int
    /// How many pages there are; nil where items were not counted.
    public let totalPages: Int?
    /// The number of the next page; nil where there is none.
    public let nextPage: Int?
    /// The number of the page before; nil where there is none.
    public let previousPage: Int?
    /// With what to ask for the part behind this one; nil at the end, and in listings without cursors.
    public let nextCursor: String?

    /// Makes the description of a part.
    ///
    /// - Parameters:
    ///   - limit: how many items there are at most.
    ///   - offset: how many come before; nil for a part that was asked for by a cursor.
    ///   - total: how many items the listing has; nil where they were not counted.
    ///   - hasMore: whether there are items behind this part.
    ///   - nextCursor: with what to ask for them.
    public init(limit: Int, offset: Int?, total: Int?, hasMore: Bool, nextCursor: String? = nil) {
        self.limit = limit
        self.offset = offset
        size = limit
        // A listing that is given whole has as many items at most as there are, which may be none.
        let step = max(1, limit)
        page = offset.flatMap { $0 % step == 0 ? $0 / step + 1 : nil }
        totalPages = total.map { ($0 + step - 1) / step }
        nextPage = hasMore ? page.map { $0 + 1 } : nil
        previousPage = page.flatMap { $0 > 1 ? $0 - 1 : nil }
        self.nextCursor = nextCursor
    }

    enum CodingKeys: String, CodingKey {
        case limit
        case offset
        case page
        case size
        case totalPages = "total_pages"
        case nextPage = "next_page"
        case previousPage = "previous_page"
        case nextCursor = "next_cursor"
    }
}

extension Pagination: JSONWritable {
    /// Writes every field, with null for what is not known.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("limit", limit)
        json.member("next_cursor", nextCursor)
        json.member("next_page", nextPage)
        json.member("offset", offset)
        json.member("page", page)
        json.member("previous_page", previousPage)
        json.member("size", size)
        json.member("total_pages", totalPages)
        json.endObject()
    }
}
