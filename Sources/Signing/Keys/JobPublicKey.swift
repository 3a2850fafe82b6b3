// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import Jobs

/// The public half of a job key.
package struct JobPublicKey: Sendable {
    /// The first 16 hexadecimal digits, in lower case, of the SHA-256 of the key's bytes: no two keys share one by chance,
    /// and none can be passed off under the id of another.
    package let id: String
    private let key: Curve25519.Signing.PublicKey

    init(_ key: Curve25519.Signing.PublicKey) {
        self.key = key
        id = Hexadecimal.text(SHA256.hash(data: key.rawRepresentation).prefix(8))
    }

    /// Makes a key of its bytes.
    ///
    /// - Throws: ``SigningError`` where these are not 32.
    package init(bytes: [UInt8]) throws(SigningError) {
        do {
            self.init(try Curve25519.Signing.PublicKey(rawRepresentation: bytes))
        } catch {
            throw SigningError(.invalidKey, "a public job key has 32 bytes")
        }
    }

    /// The 32 bytes of the key.
    package var bytes: [UInt8] { Array(key.rawRepresentation) }

    /// Whether this key signed content.
    package func isSignature(
        _ signature: JobSignature,
        of content: some Collection<UInt8>,
        as context: SigningContext
    ) -> Bool {
        signature.keyID == id && signature.bytes.count == JobSignature.byteCount
            && key.isValidSignature(signature.bytes, for: context.message(content))
    }
}

extension JobPublicKey: Hashable {
    /// Whether the bytes are the same.
    package static func == (left: JobPublicKey, right: JobPublicKey) -> Bool {
        left.id == right.id && left.bytes == right.bytes
    }

    /// Hashes the id.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(id)
    }
}
