// SPDX-License-Identifier: Apache-2.0

/// A join token as the controller keeps it: all of it but the secret.
public struct JoinTokenRecord: Codable, Hashable, Sendable {
    /// Names it in listings and commands; no secret.
    public let id: String
    /// The labels that its agents get.
    public let labels: [String: String]
    /// How many agents it makes at most.
    public let uses: Int
    /// How many it has made.
    public var used: Int
    /// When it was made.
    public let createdAt: Timestamp
    /// The API key that it was made with.
    public let createdBy: String?
    /// When it ends.
    public let expiresAt: Timestamp
    /// When it was revoked.
    public var revokedAt: Timestamp?
    /// The token itself; only in the answer to whoever has it made.
    public var token: String?

    /// Makes a record of its parts.
    public init(
        id: String,
        labels: [String: String],
        uses: Int,
        used: Int = 0,
        createdAt: Timestamp,
        createdBy: String?,
        expiresAt: Timestamp,
        revokedAt: Timestamp? = nil,
        token: String? = nil
    ) {
        self.id = id
        self.labels = labels
        self.uses = uses
        self.used = used
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.token = token
    }

    enum CodingKeys: String, CodingKey {
        case id
        case labels
        case uses
        case used
        case createdAt = "created_at"
        case createdBy = "created_by"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
        case token
    }

    /// Writes every field but the token, which is there or is not, with null for what is not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(labels, forKey: .labels)
        try container.encode(uses, forKey: .uses)
        try container.encode(used, forKey: .used)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(createdBy, forKey: .createdBy)
        try container.encode(expiresAt, forKey: .expiresAt)
        try container.encode(revokedAt, forKey: .revokedAt)
        try container.encodeIfPresent(token, forKey: .token)
    }
}
