// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials
import SwiftASN1
import X509

extension CertificateAuthority {
    /// Issues a certificate for a TLS server, the controller.
    ///
    /// - Parameters:
    ///   - names: The DNS names and IP addresses clients will use; the first one is also the common name.
    ///   - now: The present; the certificate is valid from a few minutes before.
    ///   - validity: How long it lasts, though never longer than the authority itself.
    /// - Returns: The certificate with a fresh private key.
    /// - Throws: `AuthorityError`: `invalidName` if a name is neither a host name nor an address.
    package func issueServer(
        names: [String],
        now: Date,
        validity: Duration = .days(825)
    ) throws(AuthorityError) -> IssuedCertificate {
        try issue(names: names, usage: .serverAuth, now: now, validity: validity)
    }

    /// Issues a certificate for a TLS client, an agent; its common name and only DNS name is the hostname.
    ///
    /// - Parameters:
    ///   - hostname: The name of the host the agent runs on.
    ///   - now: The present; the certificate is valid from a few minutes before.
    ///   - validity: How long it lasts, though never longer than the authority itself.
    /// - Returns: The certificate with a fresh private key: the agent's identity is bound to that key.
    /// - Throws: `AuthorityError`: `invalidName` if the hostname cannot be one.
    package func issueAgent(
        hostname: String,
        now: Date,
        validity: Duration = .days(365)
    ) throws(AuthorityError) -> IssuedCertificate {
        try SubjectNames.checkHostname(hostname)
        return try issue(names: [hostname], usage: .clientAuth, now: now, validity: validity)
    }

    /// Issues a certificate for the key of an agent's request; nothing else is taken from the request.
    ///
    /// - Parameters:
    ///   - request: The request, already checked.
    ///   - agentID: 32 hexadecimal digits; the certificate carries them as `urn:broker:agent:ID`.
    ///   - hostname: The name of the host the agent runs on.
    ///   - now: The present; the certificate is valid from a few minutes before.
    ///   - validity: How long it lasts, though never longer than the authority itself.
    /// - Returns: The certificate, one PEM block.
    /// - Throws: `AuthorityError`: `invalidName` if the hostname cannot be one.
    package func issueAgent(
        for request: CertificateRequest,
        agentID: String,
        hostname: String,
        now: Date,
        validity: Duration
    ) throws(AuthorityError) -> String {
        try SubjectNames.checkHostname(hostname)
        let entries = try SubjectNames.entries(for: [hostname])
        let uri = GeneralName.uniformResourceIdentifier("urn:broker:agent:\(agentID)")
        return try sign(
            request.publicKey,
            commonName: hostname,
            entries: entries + [uri],
            usage: .clientAuth,
            now: now,
            validity: validity
        )
    }

    private func issue(
        names: [String],
        usage: ExtendedKeyUsage.Usage,
        now: Date,
        validity: Duration
    ) throws(AuthorityError) -> IssuedCertificate {
        let entries = try SubjectNames.entries(for: names)
        let key = P256.Signing.PrivateKey()
        let certificate = try sign(
            Certificate.PublicKey(key.publicKey),
            commonName: names[0],
            entries: entries,
            usage: usage,
            now: now,
            validity: validity
        )
        return IssuedCertificate(certificatePEM: certificate, privateKeyPEM: key.pemRepresentation + "\n")
    }

    private func sign(
        _ key: Certificate.PublicKey,
        commonName: String,
        entries: [GeneralName],
        usage: ExtendedKeyUsage.Usage,
        now: Date,
        validity: Duration
    ) throws(AuthorityError) -> String {
        let leaf = try AuthorityError.wrapping(.encoding, "cannot make a certificate for \(commonName)") {
            try Certificate(
                version: .v3,
                serialNumber: Certificate.SerialNumber(),
                publicKey: key,
                notValidBefore: now.addingTimeInterval(-Self.clockSkew),
                notValidAfter: min(now.addingTimeInterval(validity.timeInterval), certificate.notValidAfter),
                issuer: certificate.subject,
                // X.520 allows a common name 64 characters; the alternative name carries the whole.
                subject: DistinguishedName { CommonName(String(commonName.prefix(64))) },
                extensions: try extensions(for: key, entries: entries, usage: usage),
                issuerPrivateKey: .init(privateKey)
            )
        }
        return try leaf.pemText()
    }

    private func extensions(
        for key: Certificate.PublicKey,
        entries: [GeneralName],
        usage: ExtendedKeyUsage.Usage
    ) throws -> Certificate.Extensions {
        let authorityKey = try certificate.extensions.subjectKeyIdentifier
        return try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage([usage])
            SubjectAlternativeNames(entries)
            SubjectKeyIdentifier(hash: key)
            AuthorityKeyIdentifier(keyIdentifier: authorityKey?.keyIdentifier)
        }
    }
}
