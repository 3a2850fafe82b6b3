// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

/// Bytes of which a client can have a part, and need not be sent what it has.
struct RangedAnswer: Sendable {
    let bytes: ByteBuffer
    /// The value of `Content-Type`.
    let type: String
    /// What the answer says beside that, whichever part it has.
    let headers: HTTPFields
    /// The value of `ETag`: a hash of the bytes.
    let tag: String

    /// Makes the tag of some bytes.
    init(_ bytes: ByteBuffer, type: String, headers: HTTPFields) {
        self.bytes = bytes
        self.type = type
        self.headers = headers
        tag = TaggedAnswer.tag(of: bytes)
    }

    /// The answer to a request: 304 where the client has the bytes, 206 with a part, or 200 with all of them.
    ///
    /// - Throws: ``APIError`` `range_not_satisfiable` for a part that there is not.
    func response(to request: Request) throws(APIError) -> Response {
        var headers = headers
        headers[.eTag] = tag
        headers[.cacheControl] = "private, no-cache"
        headers[.acceptRanges] = "bytes"
        guard !TaggedAnswer.matches(tag, request.headers[values: .ifNoneMatch]) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = type
        let size = bytes.readableBytes
        guard let range = try Self.range(request, tag: tag, size: size) else {
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
        }
        headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
        // Cannot fail: the range is within the bytes.
        let part = bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
        return Response(status: .partialContent, headers: headers, body: ResponseBody(byteBuffer: part))
    }

    /// The part that a request asks for; nil for all.
    ///
    /// A range has a meaning for GET only, and none where the client has a part of other bytes (RFC 9110, section 13.1.5).
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - tag: of the bytes as they are now.
    ///   - size: how many there are.
    /// - Returns: the part.
    /// - Throws: ``APIError`` `range_not_satisfiable` for a part that there is not.
    static func range(_ request: Request, tag: String, size: Int) throws(APIError) -> Range<Int>? {
        let condition = request.headers[.ifRange]
        guard request.method == .get, condition == nil || condition == tag else { return nil }
        switch ByteRange(request.headers[.range], size: size) {
        case .whole: return nil
        case .part(let range): return range
        case .unsatisfiable:
            var error = APIError(.rangeNotSatisfiable, "there are \(size) bytes, and none of them is in the range")
            error.headers[.contentRange] = "bytes */\(size)"
            throw error
        }
    }
}
