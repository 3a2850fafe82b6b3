// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import SwiftASN1
import X509

/// What has to be known of a certificate to tell whether it is to be renewed, and by whom it was issued.
package struct CertificateFacts: Sendable {
    /// The SHA-256 of the certificate (DER), 64 hexadecimal digits.
    package let fingerprint: String
    /// The SHA-256 of its key (DER SubjectPublicKeyInfo), 64 hexadecimal digits.
    package let keyFingerprint: String
    /// From when on it is good.
    package let notBefore: Date
    /// Until when it is good.
    package let notAfter: Date
    /// Its host names and addresses.
    package let names: [String]
    /// One PEM block.
    package let pem: String

    private let certificate: Certificate

    /// Reads the certificates of a PEM text, in their order; blocks of other kinds are passed over.
    ///
    /// - Throws: ``CredentialsError`` where one cannot be read, or there is none.
    package static func all(inPEM text: String) throws(CredentialsError) -> [CertificateFacts] {
        let found: [CertificateFacts]
        do {
            found = try PEMDocument.parseMultiple(pemString: text)
                .filter { $0.discriminator == Certificate.defaultPEMDiscriminator }
                .map { try CertificateFacts($0) }
        } catch {
            throw CredentialsError("not PEM with certificates: \(error)")
        }
        guard !found.isEmpty else { throw CredentialsError("there is no certificate in it") }
        return found
    }

    /// Reads the first certificate of a file.
    ///
    /// - Throws: ``CredentialsError``.
    package static func first(inFile path: String) throws(CredentialsError) -> CertificateFacts {
        let text = try SecretFile.read(path)
        do {
            return try all(inPEM: text)[0]
        } catch {
            throw CredentialsError("\(path): \(error.message)")
        }
    }

    private init(_ document: PEMDocument) throws {
        certificate = try Certificate(derEncoded: document.derBytes)
        fingerprint = Fingerprint.of(document.derBytes)
        keyFingerprint = certificate.publicKey.fingerprint
        notBefore = certificate.notValidBefore
        notAfter = certificate.notValidAfter
        names = try certificate.extensions.subjectAlternativeNames?.compactMap(Self.text) ?? []
        pem = document.pemString + "\n"
    }

    /// Whether `authority` has signed this certificate.
    package func isIssued(by authority: CertificateFacts) -> Bool {
        certificate.issuer == authority.certificate.subject
            && authority.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    /// Whether less than a third of its life is left.
    package func isDue(now: Date) -> Bool {
        now >= notAfter.addingTimeInterval(-notAfter.timeIntervalSince(notBefore) / 3)
    }

    private static func text(_ name: GeneralName) -> String? {
        switch name {
        case .dnsName(let name): name
        case .ipAddress(let bytes): IPAddressText.text(Array(bytes.bytes))
        default: nil
        }
    }
}
