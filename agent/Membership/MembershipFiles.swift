// SPDX-License-Identifier: Apache-2.0

/// The files that make a host an agent.
package struct MembershipFiles: Sendable, Equatable {
    /// The certificate chain, PEM.
    package let certificate: String
    /// The private key; the same path where both are in one file, so that they are replaced in one step.
    package let key: String
    /// The authorities to trust.
    package let authorities: String

    /// Names the files.
    package init(certificate: String, key: String, authorities: String) {
        self.certificate = certificate
        self.key = key
        self.authorities = authorities
    }

    /// The files of an agent that has joined, in a directory: `agent.pem`, which has key and certificate, and `ca.pem`.
    package init(directory: String) {
        self.init(
            certificate: directory + "/agent.pem",
            key: directory + "/agent.pem",
            authorities: directory + "/ca.pem"
        )
    }

    /// The keys that may sign jobs, beside the authorities.
    package var jobKeys: String {
        let end = authorities.lastIndex(of: "/").map { authorities.index(after: $0) } ?? authorities.startIndex
        return authorities[..<end] + "job-keys"
    }
}
