// SPDX-License-Identifier: Apache-2.0

import Credentials
package import FoundationEssentials
import Synchronization

/// Keeps an agent's certificate good: says when the next one is due, makes the request for it, and puts what comes in
/// its files.
///
/// Where certificate and key are in one file, each certificate gets a fresh key. Where they are not, the key stays, since
/// two files cannot be replaced in one step, and an agent that is cut off between the two would have neither.
///
/// Safe to use from any thread. What is written is there after a crash as a whole or not at all.
package final class Membership: Sendable {
    private let files: MembershipFiles
    private let hostname: String
    /// The key of the request that was made last.
    private let requested = Mutex<AgentKey?>(nil)

    /// Makes a keeper of files that are there.
    package init(files: MembershipFiles, hostname: String) {
        self.files = files
        self.hostname = hostname
    }

    /// The request (PKCS#10, DER) for the next certificate; nil while the old one is good for long and of the right
    /// authority.
    ///
    /// - Throws: `CredentialsError` where the files cannot be read.
    package func certificateRequest(now: Date) throws -> [UInt8]? {
        let certificate = try CertificateFacts.first(inFile: files.certificate)
        guard try certificate.isDue(now: now) || !isOfCurrentAuthority(certificate) else { return nil }
        let key =
            files.key == files.certificate ? AgentKey() : try AgentKey(pem: SecretFile.read(files.key))
        let request = try key.certificateRequest(hostname: hostname)
        requested.withLock { $0 = key }
        return request
    }

    /// Takes in what the controller told.
    ///
    /// - Parameters:
    ///   - certificate: the certificate that was asked for, PEM; empty for none.
    ///   - authorities: the authorities to trust, PEM.
    /// - Returns: whether a certificate should be asked for now, since another authority issues from now on.
    /// - Throws: `CredentialsError` where it is not what it should be, or cannot be written; then the old files stay.
    package func take(certificate: String, authorities: String) throws -> Bool {
        _ = try CertificateFacts.all(inPEM: authorities)
        // First, so that whoever shows a certificate of the new authority is trusted by then.
        try write(authorities, to: files.authorities)
        guard !certificate.isEmpty else {
            return try !isOfCurrentAuthority(CertificateFacts.first(inFile: files.certificate))
        }
        let key = requested.withLock { key in
            defer { key = nil }
            return key
        }
        guard let key, try CertificateFacts.all(inPEM: certificate)[0].keyFingerprint == key.fingerprint else {
            throw CredentialsError("the controller sent a certificate of another key")
        }
        if files.key == files.certificate {
            try SecretFile.replace(files.certificate, with: key.pem + certificate, mode: 0o600)
        } else {
            try SecretFile.replace(files.certificate, with: certificate, mode: 0o644)
        }
        return false
    }

    private func write(_ text: String, to path: String) throws {
        if SecretFile.exists(path), try SecretFile.read(path) == text { return }
        try SecretFile.replace(path, with: text, mode: 0o644)
    }

    private func isOfCurrentAuthority(_ certificate: CertificateFacts) throws -> Bool {
        try certificate.isIssued(by: CertificateFacts.first(inFile: files.authorities))
    }
}
