// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// The text form of a place in a listing: opaque to clients, and bound to what is listed.
///
/// It carries the key of the last item that was given and the beginning of a hash of the listing's name and filters. It is
/// no secret, and says nothing that the listing does not.
struct ListingCursor: Sendable {
    /// The name of the listing with its filters.
    let listing: String

    private static let hashLength = 6
    /// A hostname has 253 characters at most.
    static let maximumLength = 400

    /// The text of the place after the item with a key.
    func text(after key: String) -> String {
        let base64 = Data(hash + Array(key.utf8)).base64EncodedString()
        return String(base64.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" })
    }

    /// The key of the item that a place is after.
    ///
    /// - Throws: ``APIError`` `invalid_query` for what is no cursor, or one of another listing.
    func key(_ text: String) throws(APIError) -> String {
        var base64 = String(text.prefix(Self.maximumLength + 1).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard text.utf8.count <= Self.maximumLength, let bytes = Data(base64Encoded: base64),
            bytes.count > Self.hashLength,
            let key = String(validating: bytes.dropFirst(Self.hashLength), as: UTF8.self)
        else { throw Self.fault("is none that was given here") }
        guard Array(bytes.prefix(Self.hashLength)) == hash else {
            throw Self.fault("belongs to a listing with other filters")
        }
        return key
    }

    private var hash: [UInt8] {
        Array(SHA256.hash(data: Array(listing.utf8)).prefix(Self.hashLength))
    }

    static func fault(_ what: String) -> APIError {
        Query.fault(.invalidQuery, "cursor", what)
    }
}
