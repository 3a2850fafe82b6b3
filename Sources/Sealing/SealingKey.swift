// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// The key with which an agent opens secrets: X25519.
package struct SealingKey: Sendable {
    let key: Curve25519.KeyAgreement.PrivateKey

    /// Makes a new key of the system's randomness.
    package init() {
        key = Curve25519.KeyAgreement.PrivateKey()
    }

    /// Makes the key of its 32 bytes.
    ///
    /// - Throws: ``SealingError`` where there are more or fewer.
    package init(bytes: [UInt8]) throws(SealingError) {
        do {
            key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes)
        } catch {
            throw SealingError(.invalidKey, "a sealing key has 32 bytes")
        }
    }

    /// Its 32 bytes; a secret.
    package var bytes: [UInt8] { Array(key.rawRepresentation) }

    /// What others seal to.
    package var publicKey: SealingPublicKey { SealingPublicKey(key: key.publicKey) }
}

/// The key to which secrets of an agent are sealed.
package struct SealingPublicKey: Sendable {
    /// The fact by which an agent tells its key, in base64.
    package static let fact = "sealing_key"

    let key: Curve25519.KeyAgreement.PublicKey

    fileprivate init(key: Curve25519.KeyAgreement.PublicKey) {
        self.key = key
    }

    /// Reads a key in base64; nil where it is none.
    package init?(text: String) {
        guard let bytes = Data(base64Encoded: text),
            let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)
        else { return nil }
        self.key = key
    }

    /// The key in base64.
    package var text: String { key.rawRepresentation.base64EncodedString() }
}
