// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs
import Store

/// A part of a listing whose items may be large, read from the store and written to the client a slice at a time, so
/// that the memory it takes does not depend on how much was asked for.
///
/// A slice goes as far as its items are not too large together; mostly that is the whole part. A listing is no snapshot:
/// what moves between two slices is seen as it is when its slice is read. No item is shown twice.
struct Listing<Item: JSONWritable & Sendable, Key: Hashable & Sendable>: Sendable {
    typealias Window = ListingWindow<Key>

    /// The most bytes of an answer's texts of unbounded length that are held at once.
    private static var heldBytes: Int { 4 * 1024 * 1024 }
    /// From how many bytes on a piece of the answer is written out.
    private static var pieceSize: Int { 64 * 1024 }

    let start: Window.Start
    let limit: Int
    let cursor: ListingCursor
    /// Where an item is in the order of the listing.
    let key: @Sendable (Item) -> Key
    /// The key as a cursor carries it.
    let keyText: @Sendable (Key) -> String
    /// Reads a part; nil if what is listed does not exist.
    let fetch: @Sendable (Window) async throws -> ListingPart<Item>?

    /// An answer.
    enum Answer: Sendable {
        /// One slice, with what it says of itself.
        case whole(ByteBuffer, Pagination)
        /// Several slices, which are read while they are written.
        case inSlices(Response)
    }

    /// The answer; nil if what is listed does not exist.
    ///
    /// Errors of the first slice are thrown and can be told; one of a later slice breaks the connection off, since half
    /// of the answer is out by then, and it must not look whole.
    ///
    /// - Throws: what the store throws for the first slice.
    func answer() async throws -> Answer? {
        guard let first = try await slice(from: start, limit: limit) else { return nil }
        var text = ListingText(key: key)
        guard try text.append(first) < limit, first.hasMore else {
            let pagination = pagination(text, last: first, first: first)
            return .whole(ByteBuffer(bytes: text.end(pagination, first)), pagination)
        }
        let body = ResponseBody { [text] writer in
            var text = text
            try await write(first, &text, to: &writer)
            try await writer.finish(nil)
        }
        return .inSlices(Response(status: .ok, headers: [.contentType: "application/json"], body: body))
    }

    private func slice(from start: Window.Start, limit: Int) async throws -> ListingPart<Item>? {
        try await fetch(Window(from: start, limit: limit, maximumBytes: Self.heldBytes))
    }

    /// Writes what has been read, and the rest of the part in slices.
    @concurrent
    private func write(
        _ first: ListingPart<Item>,
        _ text: inout ListingText<Item, Key>,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        var part = first
        while part.hasMore, text.count < limit, let last = text.last {
            if text.size >= Self.pieceSize { try await writer.write(ByteBuffer(bytes: text.take())) }
            guard let next = try await slice(from: .after(last), limit: limit - text.count) else { break }
            try text.append(next)
            part = next
        }
        try await writer.write(ByteBuffer(bytes: text.end(pagination(text, last: part, first: first), first)))
    }

    /// What the answer says of the part that it is.
    private func pagination(
        _ text: ListingText<Item, Key>,
        last: ListingPart<Item>,
        first: ListingPart<Item>
    ) -> Pagination {
        var offset: Int?
        if case .offset(let given) = start { offset = given }
        return Pagination(
            limit: limit,
            offset: offset,
            total: first.total,
            hasMore: last.hasMore,
            nextCursor: last.hasMore ? text.last.map { cursor.text(after: keyText($0)) } : nil
        )
    }
}

extension Listing.Answer {
    /// The answer as it is.
    var response: Response {
        switch self {
        case .whole(let text, _): .json(text)
        case .inSlices(let response): response
        }
    }
}
