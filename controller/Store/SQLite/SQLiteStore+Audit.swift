// SPDX-License-Identifier: Apache-2.0

package import Access
import FoundationEssentials
import GRDB
import Jobs

extension SQLiteStore {
    /// Appends lines to the audit log.
    package func append(_ entries: [AuditEntry]) async throws {
        guard !entries.isEmpty else { return }
        try await write { db in
            for entry in entries { try db.append(entry) }
        }
    }

    /// A part of the audit log.
    package func audit(_ order: AuditOrder, beyond cursor: Int64?, limit: Int) async throws -> AuditPage {
        let (comparison, direction, start) =
            switch order {
            case .newest: ("<", "DESC", Int64.max)
            case .oldest: (">", "ASC", Int64(0))
            }
        let sql = """
            SELECT \(AuditRecord.columns) FROM audit WHERE number \(comparison) ? ORDER BY number \(direction) LIMIT ?
            """
        return try await read { db in
            // One more than was asked for tells whether there is more.
            let records = try db.query(sql).with(cursor ?? start).with(limit + 1).all(AuditRecord.init)
            let items = Array(records.prefix(limit))
            return AuditPage(items: items, next: records.count > limit ? items.last?.number : nil)
        }
    }
}

extension Database {
    /// Appends a line to the audit log, as a part of the transaction that it tells of.
    func append(_ entry: AuditEntry) throws {
        var chain =
            try query(AuditRecord.lastLine).first { row in
                AuditChain(number: row[0], hash: Hexadecimal.text(row[1] as Data))
            } ?? AuditChain()
        let record = chain.append(entry)
        try query(AuditRecord.insertion).with(all: [
            record.number, entry.time.milliseconds, entry.actor, entry.keyID, entry.action, entry.outcome.rawValue,
            entry.code, entry.address, entry.requestID, entry.jobID?.description, entry.subject, entry.detail,
            entry.count, Data(Hexadecimal.bytes(record.previousHash) ?? []),
            Data(Hexadecimal.bytes(record.hash) ?? []),
        ]).execute()
    }

    /// What is wrong with the chain of the audit log: at most one thing, since all that follows it follows from it.
    func auditProblems() throws -> [String] {
        var chain = AuditChain()
        var problems: [String] = []
        try query("SELECT \(AuditRecord.columns) FROM audit ORDER BY number").each { row in
            do {
                try chain.check(try AuditRecord(row))
            } catch let fault as AuditFault {
                problems.append("the audit log: \(fault.message)")
            } catch let error as StoreError where error.code == .corrupt {
                problems.append("the audit log: line \(chain.number + 1) cannot be read: \(error.message)")
            }
            return problems.isEmpty
        }
        return problems
    }
}

extension AuditRecord {
    static let columnNames = [
        "number", "time", "actor", "key_id", "action", "outcome", "code", "address", "request_id", "job_id", "subject",
        "detail", "count", "previous_hash", "hash",
    ]

    /// The columns that ``init(_:)`` reads.
    static let columns = columnNames.joined(separator: ", ")

    fileprivate static let lastLine = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"
    fileprivate static let insertion = """
        INSERT INTO audit (\(columns))
        VALUES (\(Array(repeating: "?", count: columnNames.count).joined(separator: ", ")))
        """

    init(_ row: SQLRow) throws {
        let jobID = try (row[9] as String?).map { text in
            guard let id = JobID(text) else { throw StoreError(.corrupt, "the audit log has a job id that is none") }
            return id
        }
        self.init(
            number: row[0],
            entry: AuditEntry(
                time: Timestamp(milliseconds: row[1]),
                actor: row[2],
                keyID: row[3],
                action: row[4],
                outcome: try row.stored(5),
                code: row[6],
                address: row[7],
                requestID: row[8],
                jobID: jobID,
                subject: row[10],
                detail: row[11],
                count: row[12]
            ),
            previousHash: Hexadecimal.text(row[13] as Data),
            hash: Hexadecimal.text(row[14] as Data)
        )
    }
}
