// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store

/// The JSON of a part of a listing, as it grows: `{"items": […], "pagination": {…}, …}`.
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
    ///
    /// - Parameters:
    ///   - pagination: which part of the listing it is.
    ///   - first: the first slice, which tells how many items there were when it was read.
    /// - Returns: what has been written since the last time.
    mutating func end(_ pagination: Pagination, _ first: ListingPart<Item>) -> [UInt8] {
        json.endArray()
        json.name("pagination")
        pagination.write(to: &json)
        if let counts = first.statusCounts {
            json.name("status_counts")
            json.beginObject()
            for (status, number) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                json.member(status.rawValue, number)
            }
            json.endObject()
        }
        if let total = first.total { json.member("total_items", total) }
        json.endObject()
        return json.take()
    }
}
