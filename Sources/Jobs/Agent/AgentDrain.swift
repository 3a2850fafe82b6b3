// SPDX-License-Identifier: Apache-2.0

/// That an agent finishes what it holds and takes nothing new, until somebody resumes it.
public struct AgentDrain: Codable, Hashable, Sendable {
    /// Since when.
    public let since: Timestamp
    /// Who asked for it: the name of the API key.
    public let by: String?
    /// Why, in the words of who asked.
    public let reason: String?

    /// Makes a value of its parts.
    public init(since: Timestamp, by: String?, reason: String?) {
        self.since = since
        self.by = by
        self.reason = reason
    }

    /// Writes every field, with null for what is not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(since, forKey: .since)
        try container.encode(by, forKey: .by)
        try container.encode(reason, forKey: .reason)
    }

    enum CodingKeys: String, CodingKey {
        case since
        case by
        case reason
    }
}
