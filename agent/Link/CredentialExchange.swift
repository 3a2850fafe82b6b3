// SPDX-License-Identifier: Apache-2.0

package import Wire

/// How an agent asks for its certificates over its link; one whose certificates come from elsewhere has none of this.
package struct CredentialExchange: Sendable {
    /// How often it asks, give or take a tenth.
    package let interval: Duration
    /// The request (PKCS#10, DER) for the next certificate; nil where none is due.
    package let certificateRequest: @Sendable () throws -> [UInt8]?
    /// Takes the answer in; says whether a certificate should be asked for at once.
    package let take: @Sendable (AgentCredentials) throws -> Bool

    /// Makes an exchange of its parts.
    package init(
        interval: Duration,
        certificateRequest: @escaping @Sendable () throws -> [UInt8]?,
        take: @escaping @Sendable (AgentCredentials) throws -> Bool
    ) {
        self.interval = interval
        self.certificateRequest = certificateRequest
        self.take = take
    }
}
