// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs

/// A part of a listing whose items may be large, read from the store and written to the client a slice at a time, so
/// that the memory it takes does not depend on how much was asked for.
///
/// A listing is no snapshot: what moves between two slices is seen as it is when its slice is read. An item is never
/// shown twice.
struct Listing<Item: Encodable & Sendable, Key: Hashable & Sendable>: Sendable {
    /// The most bytes of items that are held at once, as far as they are as large as can be.
    private static var heldBytes: Int { 8 * 1024 * 1024 }

    let limit: Int
    let offset: Int
    /// How large an item can be, in bytes; it decides how many are read at once.
    let largestItem: Int
    /// What tells an item from all others.
    let key: @Sendable (Item) -> Key
    /// Reads a part: limit and offset; nil if what is listed does not exist.
    let fetch: @Sendable (Int, Int) async throws -> Page<Item>?

    /// From how many bytes on a piece of the answer is written out.
    private static var pieceSize: Int { 64 * 1024 }

    /// How many items are read at once.
    private var slice: Int { max(1, Self.heldBytes / max(1, largestItem)) }

    /// The answer; nil if what is listed does not exist.
    ///
    /// Errors of the first slice are thrown and can be told; one of a later slice breaks the connection off, since half
    /// of the answer is out by then, and it must not look whole.
    func response() async throws -> Response? {
        guard let first = try await fetch(min(slice, limit), offset) else { return nil }
        guard first.items.count == slice, slice < limit else {
            return try .json(Page(items: first.items, total: first.total, limit: limit, offset: offset))
        }
        let body = ResponseBody { writer in
            try await write(first, to: &writer)
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/json"], body: body)
    }

    /// Writes the whole part in pieces.
    @concurrent
    private func write(_ first: Page<Item>, to writer: inout any ResponseBodyWriter) async throws {
        var items = first.items
        var read = items.count
        var shown: Set<Key> = []
        var piece = Array(#"{"items":["#.utf8)
        while !items.isEmpty {
            for item in items where shown.count < limit && shown.insert(key(item)).inserted {
                if shown.count > 1 { piece.append(UInt8(ascii: ",")) }
                piece += try JSON.encode(item)
                guard piece.count >= Self.pieceSize else { continue }
                try await writer.write(ByteBuffer(bytes: piece))
                piece.removeAll(keepingCapacity: true)
            }
            // Items that have moved are read again but not shown again, so it may take more reads than slices; not for
            // ever, though, if they move as fast as they are read.
            guard shown.count < limit, items.count == slice, read < 2 * limit else { break }
            items = try await fetch(slice, offset + read)?.items ?? []
            read += items.count
        }
        piece += Array(#"],"limit":\#(limit),"offset":\#(offset),"total":\#(first.total)}"#.utf8)
        try await writer.write(ByteBuffer(bytes: piece))
    }
}
