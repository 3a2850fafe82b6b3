// SPDX-License-Identifier: Apache-2.0

import GRDB

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
    ///   - statement: a query that gives its rows as it finds them, without sorting them first.
    ///   - arguments: of the statement.
    ///   - size: the column with the length of a row's texts.
    ///   - item: makes an item of a row.
    /// - Returns: the items, and whether there are more.
    /// - Throws: what the database reports, and what `item` throws.
    func items<Item>(
        _ statement: Statement,
        _ arguments: StatementArguments,
        size: Int,
        item: (Row) throws -> Item
    ) throws -> (items: [Item], hasMore: Bool) {
        var items: [Item] = []
        var bytes = 0
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try rows.next() {
            bytes += row[size] as Int? ?? 0
            guard items.count < limit, items.isEmpty || bytes <= maximumBytes else { return (items, true) }
            items.append(try item(row))
        }
        return (items, false)
    }
}
