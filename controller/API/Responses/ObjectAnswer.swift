// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Objects

/// The bytes of an object as an answer: read from the disk a piece at a time, as fast as the client takes them.
struct ObjectAnswer: Sendable {
    private static let pieceBytes = 64 * 1024

    private let record: ObjectRecord
    private let objects: ObjectService

    /// Answers with the bytes of an object.
    init(_ record: ObjectRecord, of objects: ObjectService) {
        self.record = record
        self.objects = objects
    }

    private var tag: String { "\"\(record.sha256)\"" }

    /// The answer: 200, 206, or 304.
    ///
    /// - Throws: ``APIError`` `range_not_satisfiable`; `StoreError`.
    func response(to request: Request) async throws -> Response {
        var headers: HTTPFields = [
            .eTag: tag, .cacheControl: "private, no-cache", .acceptRanges: "bytes",
            .reprDigest: ContentDigest.field(record.sha256),
        ]
        guard !TaggedAnswer.matches(tag, request.headers[values: .ifNoneMatch]) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/octet-stream"
        // A client that has a part of other bytes gets all of these.
        let isSame = request.headers[.ifRange].map { $0 == tag } ?? true
        switch ByteRange(isSame ? request.headers[.range] : nil, size: Int(record.size)) {
        case .whole:
            return Response(status: .ok, headers: headers, body: try await body(0..<Int(record.size)))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(record.size)"
            return Response(status: .partialContent, headers: headers, body: try await body(range))
        case .unsatisfiable:
            var refusal = APIError(.rangeNotSatisfiable, "the object has \(record.size) bytes")
            refusal.headers[.contentRange] = "bytes */\(record.size)"
            throw refusal
        }
    }

    private func body(_ range: Range<Int>) async throws -> ResponseBody {
        let content = try await objects.content(of: record.sha256)
        return ResponseBody(contentLength: range.count) { writer in
            var place = range.lowerBound
            while place < range.upperBound {
                let count = min(Int(Self.pieceBytes), range.upperBound - place)
                let bytes = try await content.read(at: Int64(place), count: count)
                // The file is shorter than its record: the answer breaks off, and does not look whole.
                guard bytes.count == count else { throw CancellationError() }
                try await writer.write(ByteBuffer(bytes: bytes))
                place += count
            }
            try await writer.finish(nil)
        }
    }
}
