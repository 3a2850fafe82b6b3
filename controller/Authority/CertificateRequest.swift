// SPDX-License-Identifier: Apache-2.0

import Credentials
import Crypto
import SwiftASN1
import X509

/// A certificate request (PKCS#10) whose sender has shown that he has the private key.
///
/// Only the key counts: names and extensions are the controller's to say.
package struct CertificateRequest: Sendable {
    /// The SHA-256 of the public key (DER SubjectPublicKeyInfo), 64 hexadecimal digits.
    package let fingerprint: String
    let publicKey: Certificate.PublicKey

    /// More bytes than this are not looked at; a request of a P-256 key has some 300.
    package static let maximumBytes = 8192

    /// Reads a request of one PEM block.
    ///
    /// - Throws: `AuthorityError` `invalidRequest`.
    package init(pem: String) throws(AuthorityError) {
        guard pem.utf8.count <= 2 * Self.maximumBytes, let document = try? PEMDocument(pemString: pem),
            document.discriminator == CertificateSigningRequest.defaultPEMDiscriminator
        else { throw AuthorityError(.invalidRequest, "the certificate request is no PEM of a PKCS#10 request") }
        try self.init(der: document.derBytes)
    }

    /// Reads a request.
    ///
    /// - Throws: `AuthorityError` `invalidRequest`.
    package init(der: [UInt8]) throws(AuthorityError) {
        guard der.count <= Self.maximumBytes else {
            throw AuthorityError(.invalidRequest, "the certificate request is too large")
        }
        let request = try AuthorityError.wrapping(.invalidRequest, "the certificate request is no PKCS#10") {
            try CertificateSigningRequest(derEncoded: der)
        }
        let key = request.publicKey
        guard P256.Signing.PublicKey(key) != nil || P384.Signing.PublicKey(key) != nil else {
            throw AuthorityError(.invalidRequest, "the key of the certificate request is neither P-256 nor P-384")
        }
        guard key.isValidSignature(request.signature, for: request) else {
            throw AuthorityError(.invalidRequest, "the certificate request is not signed with its own key")
        }
        publicKey = key
        fingerprint = key.fingerprint
    }
}
