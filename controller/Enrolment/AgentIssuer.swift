// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import FoundationEssentials

/// Issues agents' certificates from the files of an authority, as they are at that moment.
///
/// The directory holds `ca.pem` and `ca-key.pem`, which issue, and `trusted.pem`, all authorities that are trusted now:
/// those two differ while an authority is replaced by another, see ``AuthorityRotation``.
package struct AgentIssuer: Sendable {
    private let directory: String
    private let validity: Duration
    /// The content of a host's first file `job-keys`: the keys that sign jobs now.
    let jobKeys: String

    /// Makes an issuer.
    ///
    /// - Parameters:
    ///   - directory: where the authority is.
    ///   - validity: how long an agent's certificate lasts.
    ///   - jobKeys: the keys that sign jobs now, as the file of a host has them.
    package init(directory: String, validity: Duration, jobKeys: String) {
        self.jobKeys = jobKeys
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
}
