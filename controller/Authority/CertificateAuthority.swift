// SPDX-License-Identifier: Apache-2.0

import Credentials
import Crypto
package import FoundationEssentials
import SwiftASN1
import X509

/// A small certificate authority of one P-256 key: it signs the controller's and the agents' certificates.
///
/// Use it to give a fleet certificates without other tools; any other authority serves as well, since the tunnel only
/// reads PEM files. The authority is a root that signs leaves directly (path length 0).
///
/// ```swift
/// let authority = try CertificateAuthority.create(commonName: "Broker", now: .now)
/// try authority.write(to: "/etc/broker/authority")
/// let agent = try authority.issueAgent(hostname: "web-1.example.org", now: .now)
/// try agent.write(to: "/tmp/web-1", name: "agent")
/// ```
package struct CertificateAuthority: Sendable {
    /// The file name of the authority's certificate in its directory.
    package static let certificateFile = "ca.pem"
    /// The file name of the authority's private key in its directory.
    package static let privateKeyFile = "ca-key.pem"

    /// The authority's own certificate, one PEM block: what every peer has to trust.
    package let certificatePEM: String

    let certificate: Certificate
    let privateKey: P256.Signing.PrivateKey

    /// Makes a new authority with a fresh key; nothing is written.
    ///
    /// - Parameters:
    ///   - commonName: The name people see in the certificate.
    ///   - now: The present; the certificate is valid from a few minutes before.
    ///   - validity: How long the authority lasts; ten years unless told otherwise.
    /// - Returns: The authority, held in memory only.
    /// - Throws: `AuthorityError` if the certificate cannot be encoded.
    package static func create(
        commonName: String,
        now: Date,
        validity: Duration = .days(3650)
    ) throws(AuthorityError) -> CertificateAuthority {
        let key = P256.Signing.PrivateKey()
        let certificate = try AuthorityError.wrapping(.encoding, "cannot make the authority's certificate") {
            let name = try DistinguishedName { CommonName(commonName) }
            return try Certificate(
                version: .v3,
                serialNumber: Certificate.SerialNumber(),
                publicKey: .init(key.publicKey),
                notValidBefore: now.addingTimeInterval(-clockSkew),
                notValidAfter: now.addingTimeInterval(validity.timeInterval),
                issuer: name,
                subject: name,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                    Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                    SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
                },
                issuerPrivateKey: .init(key)
            )
        }
        return try CertificateAuthority(certificate: certificate, privateKey: key)
    }

    /// Reads an authority that `write(to:)` has written.
    ///
    /// - Parameter directory: The folder with `ca.pem` and `ca-key.pem`.
    /// - Returns: The authority.
    /// - Throws: `AuthorityError`: `file` if a file cannot be read, `encoding` if it is no PEM of a certificate or a
    ///   P-256 key, `invalidAuthority` if the two do not belong together.
    package static func load(directory: String) throws(AuthorityError) -> CertificateAuthority {
        let (certificateText, keyText) = try AuthorityError.files { () throws(CredentialsError) in
            (
                try SecretFile.read(directory + "/" + certificateFile),
                try SecretFile.read(directory + "/" + privateKeyFile)
            )
        }
        let certificate = try AuthorityError.wrapping(.encoding, "\(directory)/\(certificateFile) is no certificate") {
            try Certificate(pemEncoded: certificateText)
        }
        let key = try AuthorityError.wrapping(.encoding, "\(directory)/\(privateKeyFile) is no P-256 private key") {
            try P256.Signing.PrivateKey(pemRepresentation: keyText)
        }
        guard certificate.publicKey == Certificate.PublicKey(key.publicKey) else {
            throw AuthorityError(.invalidAuthority, "certificate and private key in \(directory) do not match")
        }
        guard case .isCertificateAuthority? = try? certificate.extensions.basicConstraints else {
            throw AuthorityError(.invalidAuthority, "the certificate in \(directory) may not sign others")
        }
        return try CertificateAuthority(certificate: certificate, privateKey: key)
    }

    /// Writes `ca.pem` and `ca-key.pem` (mode 0600) into a directory, which is made (mode 0700) if it is not there.
    ///
    /// An authority that is there already is never overwritten: losing its key would cut off the whole fleet.
    /// - Parameter directory: The folder the files go to.
    /// - Throws: `AuthorityError`: `authorityExists` if one of the files exists, `file` if writing fails.
    package func write(to directory: String) throws(AuthorityError) {
        try AuthorityError.files { () throws(CredentialsError) in try SecretFile.makeDirectory(directory) }
        let certificatePath = directory + "/" + Self.certificateFile
        let keyPath = directory + "/" + Self.privateKeyFile
        for path in [certificatePath, keyPath] where SecretFile.exists(path) {
            throw AuthorityError(.authorityExists, "\(path) exists; a certificate authority is never overwritten")
        }
        // Creation is exclusive: of two writers at the same moment, the second one fails here.
        try AuthorityError.files { () throws(CredentialsError) in
            try SecretFile.create(keyPath, with: privateKey.pemRepresentation + "\n", mode: 0o600)
            try SecretFile.create(certificatePath, with: certificatePEM, mode: 0o644)
        }
    }

    /// Hosts' clocks differ: a certificate has to be good on a host whose clock is a little behind.
    static let clockSkew: TimeInterval = 300

    private init(certificate: Certificate, privateKey: P256.Signing.PrivateKey) throws(AuthorityError) {
        self.certificate = certificate
        self.privateKey = privateKey
        certificatePEM = try certificate.pemText()
    }
}

extension Certificate {
    /// The PEM block, ended by a newline as files are.
    func pemText() throws(AuthorityError) -> String {
        try AuthorityError.wrapping(.encoding, "cannot encode the certificate") {
            try serializeAsPEM().pemString + "\n"
        }
    }
}

extension Duration {
    /// A number of days of 24 hours.
    package static func days(_ count: Int) -> Duration {
        .seconds(count * 86_400)
    }

    var timeInterval: TimeInterval {
        TimeInterval(components.seconds)
    }
}
