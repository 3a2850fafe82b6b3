// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import Jobs

/// The chain of the audit log: each line carries the hash of the one before, so that none can be changed, taken out or
/// put in without changing all that follow.
///
/// The hash of a line is the SHA-256 of its JSON without the member `hash`, in the canonical form of RFC 8785 (members by
/// name, no white space). Whoever can write the database can make a new chain; so note the last number and hash
/// elsewhere, and compare.
///
/// ```swift
/// var chain = AuditChain()
/// for record in records { try chain.check(record) }
/// ```
public struct AuditChain: Hashable, Sendable {
    /// What the first line has in the place of the hash of the one before.
    public static let origin = String(repeating: "0", count: 64)

    /// The number of the last line; 0 before the first.
    public private(set) var number: Int64
    /// The hash of the last line.
    public private(set) var hash: String

    /// Begins before the first line, or after another one.
    public init(number: Int64 = 0, hash: String = origin) {
        self.number = number
        self.hash = hash
    }

    /// Appends an entry.
    ///
    /// - Returns: the line that it becomes.
    public mutating func append(_ entry: AuditEntry) -> AuditRecord {
        let record = AuditRecord(
            number: number + 1,
            entry: entry,
            previousHash: hash,
            hash: Self.hash(number + 1, entry, after: hash)
        )
        number = record.number
        hash = record.hash
        return record
    }

    /// Takes the next line, if it is the next one and unchanged.
    ///
    /// - Throws: ``AuditFault`` where it is not.
    public mutating func check(_ record: AuditRecord) throws(AuditFault) {
        guard record.number == number + 1 else {
            throw AuditFault(
                number: number + 1,
                message: "line \(number + 1) is missing; after it comes \(record.number)"
            )
        }
        guard record.previousHash == hash else {
            let message = "line \(record.number) does not follow the line before it: one of the two was changed"
            throw AuditFault(number: record.number, message: message)
        }
        guard record.hash == Self.hash(record.number, record.entry, after: hash) else {
            throw AuditFault(number: record.number, message: "line \(record.number) was changed")
        }
        number = record.number
        hash = record.hash
    }

    private static func hash(_ number: Int64, _ entry: AuditEntry, after previous: String) -> String {
        Hexadecimal.text(SHA256.hash(data: canonical(number, entry, after: previous)))
    }

    /// The line without its hash, as RFC 8785 writes it.
    static func canonical(_ number: Int64, _ entry: AuditEntry, after previous: String) -> [UInt8] {
        var text = CanonicalObject()
        text.add("action", entry.action)
        text.add("actor", entry.actor)
        text.add("address", entry.address)
        text.add("code", entry.code)
        text.add("count", Int64(entry.count))
        text.add("detail", entry.detail)
        text.add("job_id", entry.jobID?.description)
        text.add("key_id", entry.keyID)
        text.add("number", number)
        text.add("outcome", entry.outcome.rawValue)
        text.add("previous_hash", previous)
        text.add("request_id", entry.requestID)
        text.add("subject", entry.subject)
        text.add("time", entry.time.description)
        return text.finished
    }
}

/// Where the audit log is not what was written.
public struct AuditFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line.
    public let number: Int64
    /// What is wrong with it.
    public let message: String

    /// Makes a fault of its parts.
    public init(number: Int64, message: String) {
        self.number = number
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
