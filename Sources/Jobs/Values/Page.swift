// SPDX-License-Identifier: Apache-2.0

/// A part of a listing: `{"items": […], "total": 120, "limit": 50, "offset": 0}`.
public struct Page<Item: Sendable>: Sendable {
    /// The items of this part, in the listing's order.
    public let items: [Item]
    /// How many items the whole listing has.
    public let total: Int
    /// How many items were asked for at most.
    public let limit: Int
    /// How many items come before this part.
    public let offset: Int

    /// Makes a part of a listing.
    public init(items: [Item], total: Int, limit: Int, offset: Int) {
        self.items = items
        self.total = total
        self.limit = limit
        self.offset = offset
    }

    /// The same part with each item turned into another.
    public func map<Other: Sendable>(_ transform: (Item) throws -> Other) rethrows -> Page<Other> {
        Page<Other>(items: try items.map(transform), total: total, limit: limit, offset: offset)
    }
}

extension Page: Encodable where Item: Encodable {}
extension Page: Decodable where Item: Decodable {}
extension Page: Equatable where Item: Equatable {}
