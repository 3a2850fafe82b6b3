// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// A whole listing, read page by page as it is walked through.
///
/// A listing can change while it is read: newer jobs push older ones to later pages, so that an item may come twice.
public struct Listing<Item: Sendable>: AsyncSequence, Sendable {
    /// Brings the page that begins at a place.
    public typealias Fetch = @Sendable (_ limit: Int, _ start: PageStart) async throws -> Page<Item>

    private let pageSize: Int
    private let start: PageStart
    private let fetch: Fetch

    /// Makes a listing.
    ///
    /// - Parameters:
    ///   - pageSize: how many items to ask for at once.
    ///   - start: where to begin.
    ///   - fetch: brings a page.
    public init(pageSize: Int, from start: PageStart = .offset(0), fetch: @escaping Fetch) {
        self.pageSize = pageSize
        self.start = start
        self.fetch = fetch
    }

    /// Starts at the first item.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pageSize: pageSize, start: start, fetch: fetch)
    }

    /// Walks through the items, asking for a page when the one before is used up.
    public struct Iterator: AsyncIteratorProtocol {
        private let pageSize: Int
        private let fetch: Fetch
        private var start: PageStart
        private var offset: Int
        private var page: ArraySlice<Item> = []
        private var isAtEnd = false

        init(pageSize: Int, start: PageStart, fetch: @escaping Fetch) {
            self.pageSize = pageSize
            self.start = start
            offset = if case .offset(let offset) = start { offset } else { 0 }
            self.fetch = fetch
        }

        /// The next item; nil after the last one.
        ///
        /// - Throws: what fetching throws.
        public mutating func next() async throws -> Item? {
            if page.isEmpty, !isAtEnd {
                let part = try await fetch(pageSize, start)
                page = part.items[...]
                offset += part.items.count
                start = part.nextCursor.map(PageStart.cursor) ?? .offset(offset)
                isAtEnd = part.items.isEmpty || (part.nextCursor == nil && offset >= part.totalItems ?? 0)
            }
            return page.popFirst()
        }
    }

    /// All items in one list.
    ///
    /// - Throws: what fetching throws.
    public func collected() async throws -> [Item] {
        var items: [Item] = []
        for try await item in self { items.append(item) }
        return items
    }
}
