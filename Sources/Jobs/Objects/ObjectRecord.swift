// SPDX-License-Identifier: Apache-2.0

/// A file that the controller keeps for jobs, under a name: what is known of it beside its bytes.
public struct ObjectRecord: Codable, Hashable, Sendable {
    /// Its name.
    public let name: String
    /// The SHA-256 of its bytes as 64 hexadecimal digits: what it is.
    public let sha256: String
    /// How many bytes it has.
    public let size: Int64
    /// Since when the name stands for these bytes.
    public let createdAt: Timestamp
    /// The name of the key that stored it; nil where that is not known.
    public let createdBy: String?

    /// Makes a record of its parts.
    public init(name: String, sha256: String, size: Int64, createdAt: Timestamp, createdBy: String? = nil) {
        self.name = name
        self.sha256 = sha256
        self.size = size
        self.createdAt = createdAt
        self.createdBy = createdBy
    }

    enum CodingKeys: String, CodingKey {
        case name
        case sha256
        case size
        case createdAt = "created_at"
        case createdBy = "created_by"
    }

    /// Writes every field, with null for what is not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(sha256, forKey: .sha256)
        try container.encode(size, forKey: .size)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(createdBy, forKey: .createdBy)
    }
}
