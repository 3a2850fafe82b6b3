// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// The key pair of an agent (P-256), made on its host and never told.
package struct AgentKey: Sendable {
    private let key: P256.Signing.PrivateKey

    /// Makes a fresh key.
    package init() {
        key = P256.Signing.PrivateKey()
    }

    /// Reads a key; of a file with more in it, the first block "PRIVATE KEY" counts.
    ///
    /// - Throws: ``CredentialsError``.
    package init(pem: String) throws(CredentialsError) {
        let begin = "-----BEGIN PRIVATE KEY-----"
        let end = "-----END PRIVATE KEY-----"
        guard let first = pem.firstRange(of: begin), let last = pem[first.upperBound...].firstRange(of: end) else {
            throw CredentialsError("there is no private key in it")
        }
        do {
            key = try P256.Signing.PrivateKey(pemRepresentation: String(pem[first.lowerBound..<last.upperBound]))
        } catch {
            throw CredentialsError("its private key is no P-256 key")
        }
    }

    /// The key in PKCS#8, one PEM block.
    package var pem: String { key.pemRepresentation + "\n" }

    /// The SHA-256 of the public key (DER SubjectPublicKeyInfo), 64 hexadecimal digits.
    package var fingerprint: String { Fingerprint.of(key.publicKey.derRepresentation) }

    /// A certificate request (PKCS#10, DER) for a host, signed with the key.
    ///
    /// - Throws: ``CredentialsError``.
    package func certificateRequest(hostname: String) throws(CredentialsError) -> [UInt8] {
        do {
            let request = try CertificateSigningRequest(
                version: .v1,
                // X.520 allows a common name 64 characters; the controller goes by the name in the message.
                subject: DistinguishedName { CommonName(String(hostname.prefix(64))) },
                privateKey: .init(key),
                attributes: .init([])
            )
            var serializer = DER.Serializer()
            try serializer.serialize(request)
            return serializer.serializedBytes
        } catch {
            throw CredentialsError("no certificate request can be made: \(error)")
        }
    }

    /// The same as one PEM block.
    ///
    /// - Throws: ``CredentialsError``.
    package func certificateRequestPEM(hostname: String) throws(CredentialsError) -> String {
        let request = try certificateRequest(hostname: hostname)
        return PEMDocument(type: CertificateSigningRequest.defaultPEMDiscriminator, derBytes: request).pemString + "\n"
    }
}
