// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// Who signed, and the signature.
package struct JobSignature: Hashable, Sendable {
    /// Bytes of a signature.
    package static let byteCount = 64

    /// The id of the key.
    package let keyID: String
    /// An Ed25519 signature (RFC 8032).
    package let bytes: [UInt8]

    /// Makes a value of its parts; whether it is a signature is found out when it is checked.
    package init(keyID: String, bytes: [UInt8]) {
        self.keyID = keyID
        self.bytes = bytes
    }
}

/// A key with which a controller signs what agents may do: Ed25519 (RFC 8032).
package struct JobKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    /// What agents check signatures with.
    package let publicKey: JobPublicKey

    /// Makes a new key of the system's randomness.
    package init() {
        key = Curve25519.Signing.PrivateKey()
        publicKey = JobPublicKey(key.publicKey)
    }

    /// Makes the key of a seed.
    ///
    /// - Throws: ``SigningError`` where these are not 32 bytes.
    package init(seed: [UInt8]) throws(SigningError) {
        do {
            key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        } catch {
            throw SigningError(.invalidKey, "a job key has a seed of 32 bytes")
        }
        publicKey = JobPublicKey(key.publicKey)
    }

    /// The id of the key.
    package var id: String { publicKey.id }

    /// The 32 bytes that the key is made of; a secret.
    package var seed: [UInt8] { Array(key.rawRepresentation) }

    /// Signs content; the same content always has the same signature.
    ///
    /// - Parameters:
    ///   - content: the exact bytes that will be delivered.
    ///   - context: what for.
    /// - Returns: the signature.
    /// - Throws: ``SigningError`` where the library refuses.
    package func sign(
        _ content: some Collection<UInt8>,
        as context: SigningContext
    ) throws(SigningError) -> JobSignature {
        do {
            return JobSignature(keyID: id, bytes: Array(try key.signature(for: context.message(content))))
        } catch {
            throw SigningError(.notSigned, "the job key \(id) does not sign: \(error)")
        }
    }
}
