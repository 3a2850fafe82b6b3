// SPDX-License-Identifier: Apache-2.0

/// Reads the items of a window row by row, so that no more is held than fits the window.
struct ListingReader {
    let limit: Int
    let maximumBytes: Int

    init<Key>(_ window: ListingWindow<Key>) {
        limit = max(0, window.limit)
        maximumBytes = window.maximumBytes
    }

    /// How many rows a query has to give, so that it is known whether there are more.
    var rows: Int { limit < Int.max ? limit + 1 : limit }

    /// The items, and whether there are more behind them.
    ///
    /// - Parameters:
    ///   - query: one that gives its rows as it finds them, without sorting them first.
    ///   - size: the column with the length of a row's texts.
    ///   - item: makes an item of a row.
    /// - Returns: the items, and whether there are more.
    /// - Throws: what the database reports, and what `item` throws.
    func items<Item>(
        _ query: Query,
        size: Int,
        item: (SQLRow) throws -> Item
    ) throws -> (items: [Item], hasMore: Bool) {
        var items: [Item] = []
        var bytes = 0
        var hasMore = false
        try query.each { row in
            bytes += row[size] ?? 0
            hasMore = items.count == limit || (!items.isEmpty && bytes > maximumBytes)
            if !hasMore { items.append(try item(row)) }
            return !hasMore
        }
        return (items, hasMore)
    }
}
