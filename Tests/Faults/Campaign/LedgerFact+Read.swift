// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

extension LedgerFact {
    /// Reads the ledger of an agent that does not run.
    static func read(_ file: URL) throws -> [LedgerFact] {
        let database = try DatabaseQueue(path: file.path)
        defer { try? database.close() }
        return try database.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT job_high, job_low, state, outcome, error_code,
                        (SELECT count(*) FROM reports WHERE reports.run = runs.position), attempt, ended_at
                    FROM runs ORDER BY position
                    """
            )
            return rows.map { row in
                LedgerFact(
                    jobID: uuid(high: row[0], low: row[1]),
                    attempt: row[6],
                    state: row[2],
                    outcome: row[3],
                    errorCode: row[4],
                    endedAt: row[7] ?? 0,
                    untold: row[5]
                )
            }
        }
    }

    private static func uuid(high: Int64, low: Int64) -> String {
        let digits = [high, low].map { number in
            let text = String(UInt64(bitPattern: number), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var result = ""
        for (place, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(place) { result.append("-") }
            result.append(digit)
        }
        return result
    }
}
