// SPDX-License-Identifier: Apache-2.0

/// The migration for watchers of all jobs: each line of a timeline has a place among those of all jobs.
///
/// Lines of before have none. `meta.feed` keeps the highest number that is no longer in the table, so that none is given twice.
enum SchemaOfFeed {
    static let statements = [
        "ALTER TABLE meta ADD COLUMN feed INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE events ADD COLUMN feed INTEGER",
        "CREATE INDEX events_by_feed ON events (feed) WHERE feed IS NOT NULL",
    ]
}
