// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Jobs

/// Writes a listing: a part of it, or all of it page by page.
struct ListingPrinter: Sendable {
    let presenter: Presenter
    let console: Console
    /// What is listed, in the plural, for the sentence about an empty listing.
    let noun: String

    /// Writes the part that was asked for, and says on stderr what is not shown.
    ///
    /// - Parameters:
    ///   - view: how to show the records.
    ///   - page: which part to show.
    ///   - cursor: the place that an earlier part gave, to go on from; nil for what `page` says.
    ///   - isAfter: whether a record comes after another; what does not, has been shown before.
    ///   - fetch: brings a page with a limit and a place to begin at.
    /// - Throws: ``BrokerClientError``.
    func show<Record: Encodable & Sendable>(
        _ view: RecordView<Record>,
        page: PageOptions,
        from cursor: String? = nil,
        isAfter: (Record, Record) -> Bool,
        fetch: @escaping @Sendable (Int?, PageStart?) async throws -> Page<Record>
    ) async throws {
        guard page.all else {
            let part = try await fetch(page.limit, cursor.map(PageStart.cursor) ?? page.offset.map(PageStart.offset))
            console.write(try presenter.text(part.items, view))
            return tell(part, from: cursor == nil ? page.offset ?? 0 : nil)
        }
        var records: [Record] = []
        let start = cursor.map(PageStart.cursor) ?? .offset(page.offset ?? 0)
        let listing = Listing(pageSize: page.limit ?? 100, from: start) { limit, start in
            try await fetch(limit, start)
        }
        for try await record in listing {
            if let last = records.last, !isAfter(record, last) { continue }
            records.append(record)
        }
        console.write(try presenter.text(records, view))
        if records.isEmpty { console.say("no \(noun)") }
    }

    private func tell<Record>(_ part: Page<Record>, from offset: Int?) {
        let shown = part.items.count
        guard let offset, let total = part.totalItems else {
            if shown == 0 { console.say("no \(noun)") }
            if let next = part.nextCursor { console.say("there are more \(noun): --cursor \(next)") }
            return
        }
        if total == 0 { return console.say("no \(noun)") }
        if shown == 0 { return console.say("no \(noun) from \(offset) on; there are \(total)") }
        if shown < total { console.say("\(offset + 1)–\(offset + shown) of \(total) \(noun); --all shows all") }
    }
}
