// SPDX-License-Identifier: Apache-2.0

/// A part of a listing: `{"items": […], "pagination": {…}, "total_items": 120}`.
public struct Page<Item: Sendable>: Sendable {
    /// The items of this part, in the listing's order.
    public let items: [Item]
    /// How many items the whole listing has; nil where they were not counted.
    public let totalItems: Int?
    /// Which part it is.
    public let pagination: Pagination

    /// Makes a part of a listing.
    ///
    /// - Parameters:
    ///   - items: the items, in the listing's order.
    ///   - total: how many the whole listing has; nil where they were not counted.
    ///   - limit: how many were asked for at most.
    ///   - offset: how many come before; nil for a part that was asked for by a cursor.
    ///   - nextCursor: with what to ask for the part behind; nil at the end, and in listings without cursors.
    public init(items: [Item], total: Int?, limit: Int, offset: Int?, nextCursor: String? = nil) {
        let seen = (offset ?? 0) + items.count
        self.items = items
        totalItems = total
        pagination = Pagination(
            limit: limit,
            offset: offset,
            total: total,
            hasMore: nextCursor != nil || (offset != nil && seen < total ?? 0 && !items.isEmpty),
            nextCursor: nextCursor
        )
    }

    private init(items: [Item], totalItems: Int?, pagination: Pagination) {
        self.items = items
        self.totalItems = totalItems
        self.pagination = pagination
    }

    /// With what to ask for the part behind this one; nil at the end, and in listings without cursors.
    public var nextCursor: String? { pagination.nextCursor }

    /// The same part with each item turned into another.
    public func map<Other: Sendable>(_ transform: (Item) throws -> Other) rethrows -> Page<Other> {
        Page<Other>(items: try items.map(transform), totalItems: totalItems, pagination: pagination)
    }

    enum CodingKeys: String, CodingKey {
        case items
        case totalItems = "total_items"
        case pagination
    }
}

extension Page: Encodable where Item: Encodable {}
extension Page: Decodable where Item: Decodable {}
extension Page: JSONWritable where Item: JSONWritable {
    /// Writes the part; the number of all items only where they were counted.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        try json.member("items", items)
        try json.member("pagination", pagination)
        if let totalItems { json.member("total_items", totalItems) }
        json.endObject()
    }
}
extension Page: Equatable where Item: Equatable {}
