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
    ///   - isAfter: whether a record comes after another; what does not, has been shown before.
    ///   - fetch: brings a page with a limit and a place to begin at.
    /// - Throws: ``BrokerClientError``.
    func show<Record: Encodable & Sendable>(
        _ view: RecordView<Record>,
        page: PageOptions,
        isAfter: (Record, Record) -> Bool,
        fetch: @escaping @Sendable (Int?, PageStart?) async throws -> Page<Record>
    ) async throws {
        guard page.all else {
            let part = try await fetch(page.limit, page.offset.map(PageStart.offset))
            console.write(try presenter.text(part.items, view))
            return tell(shown: part.items.count, of: part.total, from: page.offset ?? 0)
        }
        var records: [Record] = []
        let listing = Listing(pageSize: page.limit ?? 100, from: page.offset ?? 0) { limit, start in
            try await fetch(limit, start)
        }
        for try await record in listing {
            if let last = records.last, !isAfter(record, last) { continue }
            records.append(record)
        }
        console.write(try presenter.text(records, view))
        tell(shown: records.count, of: records.count, from: 0)
    }

    private func tell(shown: Int, of total: Int, from offset: Int) {
        if total == 0 { return console.say("no \(noun)") }
        if shown == 0 { return console.say("no \(noun) from \(offset) on; there are \(total)") }
        if shown < total { console.say("\(offset + 1)–\(offset + shown) of \(total) \(noun); --all shows all") }
    }
}
