// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// SQLite itself, in this process.
enum SQLiteLibrary {
    /// Sets it up once, before anything else of it is used; without effect where that comes too late.
    static let setUp: Void = {
        _ = broker_sqlite_count_no_memory()
    }()
}
