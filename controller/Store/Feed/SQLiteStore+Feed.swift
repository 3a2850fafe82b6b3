// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

extension SQLiteStore {
    /// The lines of all timelines after a place, in order.
    package func feed(after number: Int64, limit: Int) async throws -> [FeedEvent] {
        try await read { db in
            let lines = try db.query(
                """
                SELECT e.feed, j.id, e.time, e.event, e.hostname, e.message, e.error_code, e.error_message
                FROM events e INDEXED BY events_by_feed CROSS JOIN jobs j ON j.job = e.job
                WHERE e.feed > ? AND e.feed IS NOT NULL AND j.is_deleted = 0 ORDER BY e.feed LIMIT ?
                """
            )
            return try lines.with(number).with(max(0, limit)).all { row in
                FeedEvent(
                    number: row[0],
                    jobID: try JobID(stored: row[1]),
                    event: TimelineEvent(
                        timestamp: Timestamp(milliseconds: row[2]),
                        event: try row.stored(3),
                        hostname: row[4],
                        message: row[5],
                        error: row.error(code: 6, message: 7)
                    )
                )
            }
        }
    }

    /// The place of the last line; 0 where there is none.
    package func feedEnd() async throws -> Int64 {
        try await read { try $0.feedEnd() }
    }
}

extension Database {
    /// The highest number that was given to a line; 0 where none was.
    func feedEnd() throws -> Int64 {
        try query(
            """
            SELECT max(feed, coalesce((
                SELECT feed FROM events INDEXED BY events_by_feed WHERE feed IS NOT NULL ORDER BY feed DESC LIMIT 1
            ), 0)) FROM meta
            """
        ).first { $0[0] } ?? 0
    }

    /// Keeps the highest number from being given again once lines go.
    func keepFeedEnd() throws {
        try query("UPDATE meta SET feed = max(feed, ?)").with(try feedEnd()).execute()
    }
}
