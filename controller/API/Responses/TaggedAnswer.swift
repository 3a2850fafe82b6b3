// SPDX-License-Identifier: Apache-2.0

import Crypto
import HTTPTypes
import Hummingbird
import Jobs

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
        tag = Self.tag(of: text)
    }

    /// The tag of what has these bytes.
    static func tag(of bytes: ByteBuffer) -> String {
        let hash = SHA256.hash(data: bytes.readableBytesView).prefix(16)
        return "\"" + Hexadecimal.text(hash) + "\""
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
