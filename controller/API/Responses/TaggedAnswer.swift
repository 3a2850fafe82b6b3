// SPDX-License-Identifier: Apache-2.0

import Crypto
import HTTPTypes
import Hummingbird

/// JSON with a tag that is another one when the JSON is, so that who polls need not be sent what it has.
struct TaggedAnswer: Sendable {
    let text: ByteBuffer
    /// The value of `ETag`: a hash of the text.
    let tag: String
    /// The value of `Link`.
    let link: String?

    /// Makes the tag of a text.
    init(_ text: ByteBuffer, link: String? = nil) {
        self.text = text
        self.link = link
        let hash = SHA256.hash(data: text.readableBytesView).prefix(16)
        tag = "\"" + hash.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined() + "\""
    }

    /// The answer to a request: 304 without the text where the client has it.
    func response(to request: Request) -> Response {
        // Not `no-store`: a client that may not keep the answer has no use for its tag.
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "private, no-cache"]
        headers[.link] = link
        guard !Self.matches(tag, request.headers[values: .ifNoneMatch]) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: text))
    }

    /// Whether one of the tags in the fields is this one, compared weakly (RFC 9110, section 13.1.2).
    static func matches(_ tag: String, _ fields: [String]) -> Bool {
        fields.flatMap { $0.split(separator: ",") }.contains { part in
            let other = part.drop { $0 == " " }.prefix { $0 != " " }
            return other == "*" || other == tag || other == "W/" + tag
        }
    }
}

extension HTTPField.Name {
    /// `Link`, RFC 8288.
    static let link = known("Link")
}
