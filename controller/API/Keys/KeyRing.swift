// SPDX-License-Identifier: Apache-2.0

/// Finds the key that a request came with.
struct KeyRing: Sendable {
    private let keys: [APIKey]

    init(_ keys: [APIKey]) {
        self.keys = keys
    }

    /// The name of the key in the value of an `Authorization` header.
    ///
    /// Every key is compared to its end, whatever was found before, so that the time taken says nothing of the keys.
    ///
    /// - Throws: ``APIError`` `unauthorized` if there is no such key.
    func name(for authorization: String?) throws(APIError) -> String {
        guard let authorization else { throw APIError(.unauthorized, "a key is needed: Authorization: Bearer KEY") }
        guard let secret = Self.bearer(authorization) else {
            throw APIError(.unauthorized, "the Authorization header is not of the form: Bearer KEY")
        }
        let hash = APIKey.hash(secret)
        var name: String?
        for key in keys where Self.isSame(key.secretHash, hash) {
            name = key.name
        }
        guard let name else { throw APIError(.unauthorized, "the key is not known") }
        return name
    }

    private static func bearer(_ authorization: String) -> String? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    private static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference: UInt8 = left.count == right.count ? 0 : 1
        for (left, right) in zip(left, right) { difference |= left ^ right }
        return difference == 0
    }
}
