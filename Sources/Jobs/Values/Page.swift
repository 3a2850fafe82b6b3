// SPDX-License-Identifier: Apache-2.0

/// A part of a listing: `{"items": […], "total": 120, "limit": 50, "offset": 0}`.
public struct Page<Item: Sendable>: Sendable {
    /// The items of this part, in the listing's order.
    public let items: [Item]
    /// How many items the whole listing has.
    public let total: Int
    /// How many items were asked for at most.
    public let limit: Int
    /// How many items come before this part; nil where it was asked for by a cursor.
    public let offset: Int?
    /// With what to ask for the part behind this one; nil at the end, and in listings without cursors.
    public let nextCursor: String?

    /// Makes a part of a listing.
    public init(items: [Item], total: Int, limit: Int, offset: Int?, nextCursor: String? = nil) {
        self.items = items
        self.total = total
        self.limit = limit
        self.offset = offset
        self.nextCursor = nextCursor
    }

    /// The same part with each item turned into another.
    public func map<Other: Sendable>(_ transform: (Item) throws -> Other) rethrows -> Page<Other> {
        Page<Other>(items: try items.map(transform), total: total, limit: limit, offset: offset, nextCursor: nextCursor)
    }

    enum CodingKeys: String, CodingKey {
        case items
        case total
        case limit
        case offset
        case nextCursor = "next_cursor"
    }
}

extension Page: Encodable where Item: Encodable {}
extension Page: Decodable where Item: Decodable {}
extension Page: JSONWritable where Item: JSONWritable {
    /// Writes the part; the cursor only where there is one.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        try json.member("items", items)
        json.member("limit", limit)
        if let nextCursor { json.member("next_cursor", nextCursor) }
        json.member("offset", offset)
        json.member("total", total)
        json.endObject()
    }
}
extension Page: Equatable where Item: Equatable {}
