// SPDX-License-Identifier: Apache-2.0

/// Where the request of a host to become an agent stands.
public enum EnrolmentState: String, Codable, CaseIterable, Hashable, Sendable {
    /// Waits for somebody to accept or reject it.
    case pending
    /// The host gets certificates.
    case accepted
    /// Somebody said no; the same key is not asked about again.
    case rejected
    /// It was accepted, and is no more: certificates and key are refused.
    case revoked
    /// Another host was accepted under its name: certificates and key are refused.
    case replaced
}

/// The request of a host to become an agent, and what came of it.
public struct Enrolment: Codable, Hashable, Sendable {
    /// The id that the agent has, or would have.
    public let id: AgentID
    /// The name of its host.
    public let hostname: String
    /// Where it stands.
    public var state: EnrolmentState
    /// Whether another agent had this name when it asked; then no token makes it an agent, only somebody who decides.
    public let conflict: Bool
    /// The SHA-256 of its public key (DER SubjectPublicKeyInfo), 64 hexadecimal digits.
    public let fingerprint: String
    /// The labels that the controller gives it, whatever it says of itself.
    public var labels: [String: String]
    /// The address that it asked from.
    public let address: String
    /// When it asked first.
    public let requestedAt: Timestamp
    /// When it was decided about.
    public var decidedAt: Timestamp?
    /// Who decided: the name of an API key, or `token` and the id of a join token.
    public var decidedBy: String?

    /// Makes a record of its parts.
    public init(
        id: AgentID,
        hostname: String,
        state: EnrolmentState,
        conflict: Bool,
        fingerprint: String,
        labels: [String: String],
        address: String,
        requestedAt: Timestamp,
        decidedAt: Timestamp? = nil,
        decidedBy: String? = nil
    ) {
        self.id = id
        self.hostname = hostname
        self.state = state
        self.conflict = conflict
        self.fingerprint = fingerprint
        self.labels = labels
        self.address = address
        self.requestedAt = requestedAt
        self.decidedAt = decidedAt
        self.decidedBy = decidedBy
    }

    enum CodingKeys: String, CodingKey {
        case id
        case hostname
        case state
        case conflict
        case fingerprint
        case labels
        case address
        case requestedAt = "requested_at"
        case decidedAt = "decided_at"
        case decidedBy = "decided_by"
    }

    /// Writes every field, with null for what is not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(hostname, forKey: .hostname)
        try container.encode(state, forKey: .state)
        try container.encode(conflict, forKey: .conflict)
        try container.encode(fingerprint, forKey: .fingerprint)
        try container.encode(labels, forKey: .labels)
        try container.encode(address, forKey: .address)
        try container.encode(requestedAt, forKey: .requestedAt)
        try container.encode(decidedAt, forKey: .decidedAt)
        try container.encode(decidedBy, forKey: .decidedBy)
    }
}
