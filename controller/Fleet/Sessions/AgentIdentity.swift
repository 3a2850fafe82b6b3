// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Who is at the other end of a connection, as its certificate says.
package struct AgentIdentity: Hashable, Sendable {
    /// The id, which follows from the certificate's key.
    package let id: AgentID
    /// The name that the certificate was issued for; nil where it names no host.
    package let hostname: String?
    /// Whether the certificate's name is the only one that it may have, and not its first label as well.
    ///
    /// So it is for names that hosts have chosen themselves when they joined: the controller has looked at that one alone.
    package let isNameExact: Bool
    /// The labels that the controller gives it; they go before what it says of itself.
    package let labels: [String: String]
    /// Where it connects from, for logs.
    package let address: String
    /// When the certificate ends; nil where that is not known.
    package let certificateExpiresAt: Timestamp?

    /// Makes an identity of its parts.
    package init(
        id: AgentID,
        hostname: String?,
        isNameExact: Bool = false,
        labels: [String: String] = [:],
        address: String = "",
        certificateExpiresAt: Timestamp? = nil
    ) {
        self.certificateExpiresAt = certificateExpiresAt
        self.isNameExact = isNameExact
        self.id = id
        self.hostname = hostname
        self.labels = labels
        self.address = address
    }

    /// Whether the holder may call its host `name`: what the certificate says, or its first label, in either case.
    ///
    /// Without this, any certificate could take the place of a host that is away, and its jobs.
    package func mayBeCalled(_ name: String) -> Bool {
        guard let hostname = hostname?.lowercased() else { return true }
        let name = name.lowercased()
        return hostname == name || (!isNameExact && hostname.hasPrefix(name + "."))
    }
}
