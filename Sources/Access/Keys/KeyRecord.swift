// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// A key of the API as lists show it: everything but its secret.
public struct KeyRecord: Codable, Hashable, Sendable {
    /// The public beginning of its secret.
    public let id: String
    /// Who uses it; shown as `created_by`, and different for all keys that are not revoked.
    public let name: String
    /// What it may be used for.
    public let scopes: Set<Scope>
    /// Every agent that it works on must be selected by this; nil for the whole fleet.
    public let target: String?
    /// Patterns of the operations that it may ask for; nil for all.
    public let operations: [String]?
    /// When it was made.
    public let createdAt: Timestamp
    /// The name of the key that made it; nil for one that was made on the controller's host.
    public let createdBy: String?
    /// From when on it is refused; nil for never.
    public let expiresAt: Timestamp?
    /// When it was last used, to the minute or so; nil for never.
    public var lastUsedAt: Timestamp?
    /// When it was revoked.
    public var revokedAt: Timestamp?
    /// The name of the key that revoked it.
    public var revokedBy: String?

    /// Makes a record of its parts.
    public init(
        id: String,
        name: String,
        scopes: Set<Scope>,
        target: String? = nil,
        operations: [String]? = nil,
        createdAt: Timestamp,
        createdBy: String? = nil,
        expiresAt: Timestamp? = nil,
        lastUsedAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil,
        revokedBy: String? = nil
    ) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.target = target
        self.operations = operations
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
        self.revokedBy = revokedBy
    }

    /// Whether a request with it is let in at `now`.
    public func isUsable(at now: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }

    enum CodingKeys: String, CodingKey {
        case id
        case name
        case scopes
        case target
        case operations
        case createdAt = "created_at"
        case createdBy = "created_by"
        case expiresAt = "expires_at"
        case lastUsedAt = "last_used_at"
        case revokedAt = "revoked_at"
        case revokedBy = "revoked_by"
    }

    /// Writes every field, with null for what is not known, and scopes in one order.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(scopes.names, forKey: .scopes)
        try container.encode(target, forKey: .target)
        try container.encode(operations, forKey: .operations)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(createdBy, forKey: .createdBy)
        try container.encode(expiresAt, forKey: .expiresAt)
        try container.encode(lastUsedAt, forKey: .lastUsedAt)
        try container.encode(revokedAt, forKey: .revokedAt)
        try container.encode(revokedBy, forKey: .revokedBy)
    }
}

/// A key that was just made, with its secret, which is not to be had again.
public struct NewKey: Codable, Hashable, Sendable {
    /// The record.
    public let key: KeyRecord
    /// What requests carry.
    public let secret: String

    /// Makes a value of its parts.
    public init(key: KeyRecord, secret: String) {
        self.key = key
        self.secret = secret
    }
}

/// What a new key is to be: the body of `POST /api/v1/keys`.
public struct KeyRequest: Codable, Hashable, Sendable {
    /// Who is going to use it.
    public let name: String
    /// What it may be used for.
    public let scopes: [String]
    /// In how many seconds it expires; nil for never.
    public let expiresIn: Double?
    /// Every agent that it works on must be selected by this; nil for the whole fleet.
    public let target: String?
    /// Patterns of the operations that it may ask for; nil for all.
    public let operations: [String]?

    /// Makes a request.
    public init(
        name: String,
        scopes: [String],
        expiresIn: Double? = nil,
        target: String? = nil,
        operations: [String]? = nil
    ) {
        self.name = name
        self.scopes = scopes
        self.expiresIn = expiresIn
        self.target = target
        self.operations = operations
    }

    enum CodingKeys: String, CodingKey {
        case name
        case scopes
        case expiresIn = "expires_in"
        case target
        case operations
    }
}
