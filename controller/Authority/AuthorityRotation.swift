// SPDX-License-Identifier: Apache-2.0

import Credentials
package import FoundationEssentials

/// Puts a new authority in the place of the old one, with a time in which both are trusted.
///
/// ``begin(directory:now:)`` has the new one issue from then on; the old one is trusted as well, and goes on to issue the
/// controller's own certificate, so that hosts which were away all the while still know the controller. They learn of the
/// new authority, and renew their certificates with it. ``finish(directory:)`` ends the trust in the old one.
///
/// Each step can be done again after a crash in the middle of it, and then goes on from there.
package enum AuthorityRotation {
    /// Where the old authority is while both are trusted.
    private static func previous(_ directory: String) -> String { directory + "/previous" }
    /// Where the new one is made.
    private static func next(_ directory: String) -> String { directory + "/next" }
    /// The authorities that were trusted once, so that what they issued is known to be ours.
    private static func retiredFile(_ directory: String) -> String { directory + "/retired.pem" }

    /// Whether an old authority is trusted beside the one that issues.
    package static func isUnderWay(directory: String) -> Bool {
        exists(previous(directory))
    }

    /// The directory of the authority that issues the controller's certificate.
    package static func serverIssuer(directory: String) -> String {
        isUnderWay(directory: directory) ? previous(directory) : directory
    }

    /// The authorities that were ours and are not trusted any more: PEM; empty where there are none.
    ///
    /// - Throws: `AuthorityError` with code `file`.
    package static func retired(directory: String) throws(AuthorityError) -> String {
        let file = retiredFile(directory)
        guard SecretFile.exists(file) else { return "" }
        return try read(file)
    }

    /// Makes a new authority, which issues from now on.
    ///
    /// - Throws: `AuthorityError`: `authorityExists` where a rotation is under way already.
    package static func begin(directory: String, now: Date) throws(AuthorityError) {
        let current = CertificateAuthority.files(directory)
        let next = CertificateAuthority.files(next(directory))
        if !SecretFile.exists(next.certificate) {
            guard !isUnderWay(directory: directory) else {
                throw AuthorityError(
                    .authorityExists,
                    "\(directory): a rotation is under way; retire the old one first"
                )
            }
            _ = try CertificateAuthority.load(directory: directory)
            let number = Fingerprint.hexadecimal((0..<4).map { _ in UInt8.random(in: 0...255) })
            try CertificateAuthority.create(commonName: "Broker \(number)", now: now).write(to: Self.next(directory))
        }
        let (newCertificate, newKey) = (try read(next.certificate), try read(next.key))
        let old = CertificateAuthority.files(previous(directory))
        if !SecretFile.exists(old.certificate) {
            let (certificate, key) = (try read(current.certificate), try read(current.key))
            try writing { () throws(CredentialsError) in
                try SecretFile.makeDirectory(previous(directory))
                try SecretFile.replace(old.key, with: key, mode: 0o600)
                try SecretFile.replace(old.certificate, with: certificate, mode: 0o644)
            }
        }
        // First trusted, then issuing.
        try TrustedAuthorities.write(newCertificate + read(old.certificate), directory: directory)
        try writing { () throws(CredentialsError) in
            try SecretFile.replace(current.key, with: newKey, mode: 0o600)
            try SecretFile.replace(current.certificate, with: newCertificate, mode: 0o644)
            try SecretFile.remove(next.certificate)
            try SecretFile.remove(next.key)
            try SecretFile.removeDirectory(Self.next(directory))
        }
    }

    /// Ends the trust in the old authority; its key is destroyed.
    ///
    /// - Throws: `AuthorityError`: `invalidAuthority` where no rotation is under way.
    package static func finish(directory: String) throws(AuthorityError) {
        guard isUnderWay(directory: directory) else {
            throw AuthorityError(.invalidAuthority, "\(directory): there is no old authority to retire")
        }
        let old = CertificateAuthority.files(previous(directory))
        let certificate = try read(old.certificate)
        let retired = try retired(directory: directory)
        if !retired.contains(certificate) {
            try writing { () throws(CredentialsError) in
                try SecretFile.replace(retiredFile(directory), with: retired + certificate, mode: 0o644)
            }
        }
        try TrustedAuthorities.write(read(CertificateAuthority.files(directory).certificate), directory: directory)
        try writing { () throws(CredentialsError) in
            try SecretFile.remove(old.key)
            try SecretFile.remove(old.certificate)
            try SecretFile.removeDirectory(previous(directory))
        }
    }

    private static func exists(_ directory: String) -> Bool {
        SecretFile.exists(CertificateAuthority.files(directory).certificate)
    }

    private static func read(_ path: String) throws(AuthorityError) -> String {
        try AuthorityError.files { () throws(CredentialsError) in try SecretFile.read(path) }
    }

    private static func writing(_ body: () throws(CredentialsError) -> Void) throws(AuthorityError) {
        try AuthorityError.files(body)
    }
}

extension CertificateAuthority {
    /// The two files of an authority in a directory.
    static func files(_ directory: String) -> (certificate: String, key: String) {
        (directory + "/" + certificateFile, directory + "/" + privateKeyFile)
    }
}
