// SPDX-License-Identifier: Apache-2.0

/// The id of an agent: bound to its key, so that it stays when the host is renamed.
///
/// The first 32 hexadecimal digits of the SHA-256 of the public key (DER SubjectPublicKeyInfo) in the agent's
/// certificate.
public struct AgentID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The text of the id.
    public let text: String

    /// Makes an id of its text; the transport that read it from a certificate vouches for it.
    public init(_ text: String) {
        self.text = text
    }

    /// The text of the id.
    public var description: String { text }

    /// Orders by the text, for a stable order in records.
    public static func < (left: AgentID, right: AgentID) -> Bool {
        left.text < right.text
    }
}

extension AgentID: Codable {
    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// What is known of an agent, as the API shows it and as a target expression sees it.
public struct Agent: Codable, Hashable, Sendable {
    /// Its id.
    public let id: AgentID
    /// The name of its host; unique among agents.
    public let hostname: String
    /// Whether it holds a session with the controller now.
    public var connected: Bool
    /// What its configuration says of it: `env: prod`, `group: web.dev`.
    public let labels: [String: String]
    /// What it found out about its host, such as `os`, `cpus` and `memory`.
    public let facts: [String: JSONValue]
    /// The version of the agent program.
    public let version: String
    /// When it was first seen.
    public let firstSeenAt: Timestamp
    /// When it last sent a message.
    public var lastSeenAt: Timestamp
    /// That it takes nothing new; nil where it does.
    public var drain: AgentDrain?
    /// When its certificate ends, as it told when it was last heard to say hello; nil where that is not known.
    public let certificateExpiresAt: Timestamp?

    /// Makes a record of its parts.
    public init(
        id: AgentID,
        hostname: String,
        connected: Bool,
        labels: [String: String],
        facts: [String: JSONValue],
        version: String,
        firstSeenAt: Timestamp,
        lastSeenAt: Timestamp,
        drain: AgentDrain? = nil,
        certificateExpiresAt: Timestamp? = nil
    ) {
        self.certificateExpiresAt = certificateExpiresAt
        self.id = id
        self.hostname = hostname
        self.connected = connected
        self.labels = labels
        self.facts = facts
        self.version = version
        self.firstSeenAt = firstSeenAt
        self.lastSeenAt = lastSeenAt
        self.drain = drain
    }

    enum CodingKeys: String, CodingKey {
        case id
        case hostname
        case connected
        case labels
        case facts
        case version
        case firstSeenAt = "first_seen_at"
        case lastSeenAt = "last_seen_at"
        case drain
        case certificateExpiresAt = "certificate_expires_at"
    }

    /// Writes every field, with null for what is not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(hostname, forKey: .hostname)
        try container.encode(connected, forKey: .connected)
        try container.encode(labels, forKey: .labels)
        try container.encode(facts, forKey: .facts)
        try container.encode(version, forKey: .version)
        try container.encode(firstSeenAt, forKey: .firstSeenAt)
        try container.encode(lastSeenAt, forKey: .lastSeenAt)
        try container.encode(drain, forKey: .drain)
        try container.encode(certificateExpiresAt, forKey: .certificateExpiresAt)
    }
}
