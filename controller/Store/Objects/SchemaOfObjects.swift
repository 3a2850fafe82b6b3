// SPDX-License-Identifier: Apache-2.0

/// The migration for stored objects.
///
/// `blobs` are what there is on the disk, by its SHA-256; `objects` the names. `job_objects` keeps the blobs of open jobs
/// from being taken away; its rows go some time after their job has ended. A blob that nothing needs any more has the
/// time in `released_at` at which that was noticed.
enum SchemaOfObjects {
    static let statements = [
        """
        CREATE TABLE blobs (
            blob INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL CHECK (size >= 0),
            released_at INTEGER
        ) STRICT
        """,
        """
        CREATE TABLE objects (
            name TEXT PRIMARY KEY,
            blob INTEGER NOT NULL REFERENCES blobs,
            created_at INTEGER NOT NULL,
            created_by TEXT
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX objects_by_blob ON objects (blob)",
        """
        CREATE TABLE job_objects (
            blob INTEGER NOT NULL REFERENCES blobs,
            job INTEGER NOT NULL,
            PRIMARY KEY (blob, job)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
