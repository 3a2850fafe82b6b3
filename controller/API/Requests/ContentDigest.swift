// SPDX-License-Identifier: Apache-2.0

import Access
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs

/// The SHA-256 that a request announces for its body: in `Content-Digest` (RFC 9530), or as `sha256` in its query.
enum ContentDigest {
    /// The digest as hexadecimal digits; nil where none is announced, or only ones of other algorithms.
    ///
    /// - Throws: ``APIError`` `invalid_query` or `digest_mismatch` for what is no digest, or where two differ.
    static func announced(by call: Call) throws(APIError) -> String? {
        let fields = call.request.headers[.contentDigest]
        let header = try fields.map { (text) throws(APIError) in try sha256(in: text) } ?? nil
        guard let text = call.query.text("sha256") else { return header }
        guard JSONSchemaFormat.sha256.fault(in: text) == nil else {
            throw Query.fault(.invalidQuery, "sha256", "must be 64 hexadecimal digits in lower case")
        }
        guard header ?? text == text else {
            throw APIError(.digestMismatch, "the query and the header Content-Digest announce different digests")
        }
        return text
    }

    /// The value of the header for some bytes.
    static func field(_ sha256: String) -> String {
        "sha-256=:\(Data(Hexadecimal.bytes(sha256) ?? []).base64EncodedString()):"
    }

    private static func sha256(in header: String) throws(APIError) -> String? {
        for part in header.split(separator: ",") {
            let text = part.drop { $0 == " " }.prefix { $0 != " " }
            guard text.lowercased().hasPrefix("sha-256=") else { continue }
            let value = text.dropFirst("sha-256=".count)
            guard value.hasPrefix(":"), value.hasSuffix(":"),
                let bytes = Data(base64Encoded: String(value.dropFirst().dropLast())), bytes.count == 32
            else { throw APIError(.digestMismatch, "the header Content-Digest has no SHA-256 as RFC 9530 writes it") }
            return Hexadecimal.text(bytes)
        }
        return nil
    }
}

extension HTTPField.Name {
    /// `Content-Digest`, RFC 9530.
    static let contentDigest = known("Content-Digest")
    /// `Repr-Digest`, RFC 9530.
    static let reprDigest = known("Repr-Digest")
}
