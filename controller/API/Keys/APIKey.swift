// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A key to the API: the name that records show, and the hash of the secret.
///
/// The secret itself is never kept. It is to be random, since a plain hash does not protect a guessable one.
package struct APIKey: Sendable {
    /// Who uses it; shown as `submitted_by`.
    package let name: String
    let secretHash: [UInt8]

    /// Makes a key of the SHA-256 of its secret; nil if `secretHash` is anything else than that.
    ///
    /// - Parameters:
    ///   - name: who uses the key.
    ///   - secretHash: 64 hexadecimal digits.
    package init?(name: String, secretHash: String) {
        let digits = Array(secretHash.utf8).compactMap(hexadecimalValue)
        guard digits.count == 64, secretHash.utf8.count == 64 else { return nil }
        self.name = name
        self.secretHash = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Makes a key of its secret, of which only the hash is kept.
    package init(name: String, secret: String) {
        self.name = name
        secretHash = Self.hash(secret)
    }

    static func hash(_ secret: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(secret.utf8)))
    }
}
