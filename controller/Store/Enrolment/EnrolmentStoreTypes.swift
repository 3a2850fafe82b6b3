// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// How much the store keeps of what strangers send.
package struct EnrolmentLimits: Sendable {
    /// Requests that wait, in all.
    package var pending = 1000
    /// Requests that wait, from one network.
    package var pendingPerNetwork = 20
    /// How long a request waits; then it is forgotten.
    package var pendingLifetime: Duration = .seconds(86_400)
    /// Join tokens that are kept.
    package var tokens = 1000
    /// How long a token is kept after its end, so that people see what became of it.
    package var tokenMemory: Duration = .seconds(30 * 86_400)

    /// The defaults.
    package init() {}
}

/// A join token to be kept.
package struct NewJoinToken: Sendable {
    /// What is known of it.
    package let record: JoinTokenRecord
    /// The SHA-256 of its secret, 64 hexadecimal digits; the secret itself is never stored.
    package let secretHash: String

    /// Makes a token of its parts.
    package init(record: JoinTokenRecord, secretHash: String) {
        self.record = record
        self.secretHash = secretHash
    }
}

/// The request of a host to become an agent.
package struct NewEnrolment: Sendable {
    /// The id that follows from its key.
    package let id: AgentID
    /// The SHA-256 of its public key, 64 hexadecimal digits.
    package let fingerprint: String
    /// The name of the host.
    package let hostname: String
    /// Where it asks from.
    package let address: String
    /// What its address counts as, where requests are counted: of IPv6 whoever asks has many.
    package let network: String
    /// The SHA-256 of the secret of the token that it brings; nil where it brings none.
    package let secretHash: String?

    /// Makes a request of its parts.
    package init(
        id: AgentID,
        fingerprint: String,
        hostname: String,
        address: String,
        network: String,
        secretHash: String?
    ) {
        self.network = network
        self.id = id
        self.fingerprint = fingerprint
        self.hostname = hostname
        self.address = address
        self.secretHash = secretHash
    }
}

/// What became of a request.
package enum EnrolmentResult: Sendable, Equatable {
    /// It waits, or is accepted.
    case stands(Enrolment, isNew: Bool)
    /// It is not taken.
    case refused(EnrolmentRefusal)
}

/// Why a request is not taken.
package enum EnrolmentRefusal: String, Sendable {
    /// There is no such token, or it was revoked.
    case unknownToken
    /// The token's time is over.
    case expiredToken
    /// The token has made as many agents as it may.
    case usedToken
    /// Somebody has said no to this key.
    case rejected
    /// The key, or the agent that it stands for, is revoked.
    case revoked
    /// The key has asked before, for a host of another name.
    case otherName
    /// As many requests wait as may.
    case full
}
