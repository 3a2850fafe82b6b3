// SPDX-License-Identifier: Apache-2.0

internal import Jobs

/// A line of the audit log, chained to the one before it.
public struct AuditRecord: Hashable, Sendable {
    /// Its place: from 1, without gaps.
    public let number: Int64
    /// What it says.
    public let entry: AuditEntry
    /// The hash of the line before, in hexadecimal digits; 64 zeros for the first.
    public let previousHash: String
    /// The hash of this line: the SHA-256 of its canonical form, in hexadecimal digits.
    public let hash: String

    /// Makes a line of its parts.
    public init(number: Int64, entry: AuditEntry, previousHash: String, hash: String) {
        self.number = number
        self.entry = entry
        self.previousHash = previousHash
        self.hash = hash
    }
}

extension AuditRecord: Codable {
    enum CodingKeys: String, CodingKey {
        case number
        case time
        case actor
        case keyID = "key_id"
        case action
        case outcome
        case code
        case address
        case requestID = "request_id"
        case jobID = "job_id"
        case subject
        case detail
        case count
        case previousHash = "previous_hash"
        case hash
    }

    /// Reads a line.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        number = try container.decode(Int64.self, forKey: .number)
        entry = AuditEntry(
            time: try container.decode(Timestamp.self, forKey: .time),
            actor: try container.decodeIfPresent(String.self, forKey: .actor),
            keyID: try container.decodeIfPresent(String.self, forKey: .keyID),
            action: try container.decode(String.self, forKey: .action),
            outcome: try container.decode(AuditEntry.Outcome.self, forKey: .outcome),
            code: try container.decodeIfPresent(String.self, forKey: .code),
            address: try container.decodeIfPresent(String.self, forKey: .address),
            requestID: try container.decodeIfPresent(String.self, forKey: .requestID),
            jobID: try container.decodeIfPresent(JobID.self, forKey: .jobID),
            subject: try container.decodeIfPresent(String.self, forKey: .subject),
            detail: try container.decodeIfPresent(String.self, forKey: .detail),
            count: try container.decode(Int.self, forKey: .count)
        )
        previousHash = try container.decode(String.self, forKey: .previousHash)
        hash = try container.decode(String.self, forKey: .hash)
    }

    /// Writes every field, with null for what is not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(number, forKey: .number)
        try container.encode(entry.time, forKey: .time)
        try container.encode(entry.actor, forKey: .actor)
        try container.encode(entry.keyID, forKey: .keyID)
        try container.encode(entry.action, forKey: .action)
        try container.encode(entry.outcome, forKey: .outcome)
        try container.encode(entry.code, forKey: .code)
        try container.encode(entry.address, forKey: .address)
        try container.encode(entry.requestID, forKey: .requestID)
        try container.encode(entry.jobID, forKey: .jobID)
        try container.encode(entry.subject, forKey: .subject)
        try container.encode(entry.detail, forKey: .detail)
        try container.encode(entry.count, forKey: .count)
        try container.encode(previousHash, forKey: .previousHash)
        try container.encode(hash, forKey: .hash)
    }
}

/// A part of the audit log.
public struct AuditPage: Codable, Hashable, Sendable {
    /// The lines.
    public let items: [AuditRecord]
    /// The cursor of the lines that follow in the same order; nil where there are none.
    public let next: Int64?

    /// Makes a part.
    public init(items: [AuditRecord], next: Int64?) {
        self.items = items
        self.next = next
    }

    enum CodingKeys: String, CodingKey {
        case items
        case next
    }

    /// Writes both fields, with null where nothing follows.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(next, forKey: .next)
    }
}
