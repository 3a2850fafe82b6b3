// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import FoundationEssentials

/// The controller's own certificate, where its own authority issues it.
struct ServerCertificate {
    /// How long it lasts; a third of that before its end it is renewed.
    static let validity = Duration.days(90)

    let authorityDirectory: String
    let certificate: String
    /// The same path where both are in one file, as `broker-controller init` makes it: so they are replaced in one step.
    let key: String

    /// Issues it anew where that is due, or where it is of another authority of ours than that which issues it now.
    ///
    /// A certificate of somebody else's authority is left alone. The names stay what they are. The key is a fresh one.
    ///
    /// - Returns: until when the new one is good; nil where the old one still does.
    /// - Throws: `AuthorityError`, `CredentialsError`.
    func renewIfDue(now: Date) throws -> Date? {
        let current = try CertificateFacts.first(inFile: certificate)
        let trusted = try TrustedAuthorities.text(directory: authorityDirectory)
        let ours = try CertificateFacts.all(inPEM: trusted + AuthorityRotation.retired(directory: authorityDirectory))
        guard ours.contains(where: current.isIssued) else { return nil }
        let issuer = AuthorityRotation.serverIssuer(directory: authorityDirectory)
        let issuing = try CertificateFacts.first(inFile: issuer + "/" + CertificateAuthority.certificateFile)
        guard current.isDue(now: now) || !current.isIssued(by: issuing) else { return nil }
        let authority = try CertificateAuthority.load(directory: issuer)
        try write(authority.issueServer(names: current.names, now: now, validity: Self.validity))
        return try CertificateFacts.first(inFile: certificate).notAfter
    }

    /// Puts a certificate and its key into the files.
    ///
    /// Of two files, whoever reads between the two has a certificate and a key that do not fit, goes on with what he has,
    /// and reads again.
    func write(_ issued: IssuedCertificate) throws {
        if key == certificate {
            let text = issued.privateKeyPEM + issued.certificatePEM
            return try SecretFile.replace(certificate, with: text, mode: 0o600)
        }
        try SecretFile.replace(key, with: issued.privateKeyPEM, mode: 0o600)
        try SecretFile.replace(certificate, with: issued.certificatePEM, mode: 0o644)
    }
}
