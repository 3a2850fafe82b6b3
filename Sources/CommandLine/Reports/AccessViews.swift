// SPDX-License-Identifier: Apache-2.0

package import Access
import Jobs

extension RecordView where Record == KeyRecord {
    /// Keys: a line each.
    package static let keys = RecordView([
        .text("id") { $0.id },
        .text("name") { $0.name },
        .text("scopes") { $0.scopes.names.joined(separator: " ") },
        .text("target") { $0.target },
        .text("operations") { $0.operations?.joined(separator: " ") },
        .text("created_at", in: .csv) { $0.createdAt.description },
        .text("created_by", in: .csv) { $0.createdBy },
        .text("expires_at", { $0.expiresAt?.description }, cell: { Table.Cell($0.expiresAt?.brief) }),
        .text("last_used_at", { $0.lastUsedAt?.description }, cell: { Table.Cell($0.lastUsedAt?.brief) }),
        .text("revoked_at", { $0.revokedAt?.description }, cell: { Table.Cell($0.revokedAt?.brief, .bad) }),
        .text("revoked_by", in: .csv) { $0.revokedBy },
    ])
}

extension RecordView where Record == NewKey {
    /// A key that was just made.
    package static let newKeys = RecordView([
        .text("id") { $0.key.id }, .text("name") { $0.key.name }, .text("secret") { $0.secret },
    ])
}

extension KeyRecord {
    /// All that is known of a key.
    package var details: Details {
        var details = Details()
        details.add("id", id)
        details.add("name", name)
        details.add("scopes", scopes.names.joined(separator: " "))
        details.add("target", target)
        details.add("operations", operations?.joined(separator: " "))
        details.add("expires", expiresAt?.brief)
        return details
    }
}

extension RecordView where Record == AuditRecord {
    /// The audit log: a line each.
    package static let audit = RecordView([
        .number("number") { $0.number },
        .text("time", { $0.entry.time.description }, cell: { Table.Cell($0.entry.time.brief) }),
        .text("actor") { $0.entry.actor },
        .text("key_id", in: .csv) { $0.entry.keyID },
        .text("action") { $0.entry.action },
        .text(
            "outcome",
            { $0.entry.outcome.rawValue },
            cell: { Table.Cell($0.entry.code ?? $0.entry.outcome.rawValue, $0.entry.code == nil ? .plain : .bad) }
        ),
        .text("code", in: .csv) { $0.entry.code },
        .number("count") { Int64($0.entry.count) },
        .text("address") { $0.entry.address },
        .text("request_id", in: .csv) { $0.entry.requestID },
        .text("job_id") { $0.entry.jobID?.description },
        .text("subject") { $0.entry.subject },
        .text("detail") { $0.entry.detail },
        .text("previous_hash", in: .csv) { $0.previousHash },
        .text("hash", in: .csv) { $0.hash },
    ])
}

/// A line of the audit log that somebody has noted: its number and its hash.
package struct AuditHead: Hashable, Sendable, CustomStringConvertible {
    /// The number of the line.
    package let number: Int64
    /// Its hash.
    package let hash: String

    /// Reads `NUMBER:HASH`, as ``description`` writes it.
    ///
    /// - Throws: ``UsageError`` for anything else.
    package init(_ text: String) throws(UsageError) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let number = Int64(parts[0]), number > 0, parts[1].utf8.count == 64 else {
            throw UsageError("a head is NUMBER:HASH, as 'broker audit verify' prints it")
        }
        self.number = number
        hash = parts[1].lowercased()
    }

    /// The end of a chain.
    package init(_ chain: AuditChain) {
        number = chain.number
        hash = chain.hash
    }

    /// `NUMBER:HASH`.
    package var description: String { "\(number):\(hash)" }
}

/// Follows the audit log from its first line, and compares it with a line that was noted earlier.
package struct AuditVerification: Sendable {
    private var chain = AuditChain()
    private let head: AuditHead?

    /// Makes a verification.
    ///
    /// - Parameter head: a line that must be there, unchanged; nil for none.
    package init(expecting head: AuditHead?) {
        self.head = head
    }

    /// Takes the next line.
    ///
    /// - Throws: `AuditFault` where it was changed, or is not the next one.
    package mutating func take(_ record: AuditRecord) throws(AuditFault) {
        try chain.check(record)
        guard let head, head.number == record.number, head.hash != record.hash else { return }
        throw AuditFault(number: record.number, message: "line \(record.number) is not the one that was noted")
    }

    /// Ends the verification.
    ///
    /// - Returns: the last line, to be noted.
    /// - Throws: `AuditFault` where the line that was noted has not come.
    package func finish() throws(AuditFault) -> AuditHead {
        if let head, head.number > chain.number {
            throw AuditFault(number: head.number, message: "line \(head.number), which was noted, is not there")
        }
        return AuditHead(chain)
    }
}
