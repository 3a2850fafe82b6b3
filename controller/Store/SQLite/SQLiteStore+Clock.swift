// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Jobs

extension SQLiteStore {
    /// Takes in how the wall clock stands to the time since the machine was started.
    ///
    /// Where the wall clock was set since the last time, on the same boot, the open deadlines go with it, so that none of
    /// them comes earlier or later than it was to.
    package func adopt(_ anchor: ClockAnchor) async throws -> Duration {
        try await write { db in
            let old = try db.query("SELECT boot_id, clock_offset FROM meta").first { row -> ClockAnchor? in
                (row[0] as String?).map { ClockAnchor(bootID: $0, offset: row[1]) }
            }
            let shift = anchor.shift(since: old ?? nil)
            if shift != .zero {
                let milliseconds = shift.wholeMilliseconds
                try db.execute(
                    sql: """
                        UPDATE jobs SET deadline_at = deadline_at + ?1, hard_end_at = hard_end_at + ?1,
                            next_check_at = next_check_at + ?1 WHERE completed_at IS NULL
                        """,
                    arguments: [milliseconds]
                )
                try db.execute(
                    sql: """
                        UPDATE runs SET awaited_until = awaited_until + ?1
                        WHERE awaited_until IS NOT NULL AND state IN ('acknowledged', 'started')
                        """,
                    arguments: [milliseconds]
                )
                try db.execute(
                    sql: "UPDATE idempotency_keys SET created_at = created_at + ?",
                    arguments: [milliseconds]
                )
            }
            try db.execute(
                sql: "UPDATE meta SET boot_id = ?, clock_offset = ?",
                arguments: [anchor.bootID, anchor.offset]
            )
            return shift
        }
    }
}
