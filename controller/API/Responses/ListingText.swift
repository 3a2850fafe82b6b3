// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store

/// The JSON of a part of a listing, as it grows: `{"items": […], "limit": 50, …}`.
struct ListingText<Item: JSONWritable & Sendable, Key: Sendable>: Sendable {
    private var json = JSONWriter()
    private let key: @Sendable (Item) -> Key

    /// How many items have been written.
    private(set) var count = 0
    /// The key of the last one.
    private(set) var last: Key?

    /// How many bytes wait to be taken.
    var size: Int { json.bytes.count }

    /// Begins a listing of items that have a key each.
    init(key: @escaping @Sendable (Item) -> Key) {
        self.key = key
        json.beginObject()
        json.name("items")
        json.beginArray()
    }

    /// Writes the items of a part.
    ///
    /// - Returns: how many have been written in all.
    @discardableResult
    mutating func append(_ part: ListingPart<Item>) throws -> Int {
        for item in part.items { try item.write(to: &json) }
        count += part.items.count
        last = part.items.last.map(key) ?? last
        return count
    }

    /// What has been written since the last time.
    mutating func take() -> [UInt8] { json.take() }

    /// Writes what follows the items, and takes all that is left.
    mutating func end(limit: Int, offset: Int?, nextCursor: String?, _ part: ListingPart<Item>) -> [UInt8] {
        json.endArray()
        json.member("limit", limit)
        json.member("next_cursor", nextCursor)
        json.member("offset", offset)
        if let counts = part.statusCounts {
            json.name("status_counts")
            json.beginObject()
            for (status, number) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                json.member(status.rawValue, number)
            }
            json.endObject()
        }
        json.member("total", part.total)
        json.endObject()
        return json.take()
    }
}
