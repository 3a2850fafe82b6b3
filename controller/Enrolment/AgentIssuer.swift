// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import FoundationEssentials

/// Issues agents' certificates from the files of an authority, as they are at that moment.
///
/// The directory holds `ca.pem` and `ca-key.pem`, which issue, and `trusted.pem`, all authorities that are trusted now:
/// those two differ while an authority is replaced by another, see ``AuthorityRotation``. `job-keys`, where it is there, goes to agents as well.
package struct AgentIssuer: Sendable {
    private let directory: String
    private let validity: Duration

    /// Makes an issuer.
    ///
    /// - Parameters:
    ///   - directory: where the authority is.
    ///   - validity: how long an agent's certificate lasts.
    package init(directory: String, validity: Duration) {
        self.directory = directory
        self.validity = validity
    }

    /// Issues a certificate for the key of a request: PEM.
    func issue(_ request: CertificateRequest, agentID: String, hostname: String, now: Date) throws -> String {
        try CertificateAuthority.load(directory: directory).issueAgent(
            for: request,
            agentID: agentID,
            hostname: hostname,
            now: now,
            validity: validity
        )
    }

    /// The authorities that are trusted: PEM, that which issues first.
    func authorities() throws -> String {
        try TrustedAuthorities.text(directory: directory)
    }

    /// The fingerprint of the authority of the controller's own certificate, by which hosts that join know it.
    func fingerprint() throws -> String {
        let issuer = AuthorityRotation.serverIssuer(directory: directory)
        return try CertificateFacts.first(inFile: issuer + "/" + CertificateAuthority.certificateFile).fingerprint
    }

    /// The content of `job-keys`; nil where there is no such file.
    func jobKeys() throws -> String? {
        let path = directory + "/job-keys"
        return SecretFile.exists(path) ? try SecretFile.read(path) : nil
    }
}
