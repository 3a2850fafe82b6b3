// SPDX-License-Identifier: Apache-2.0

import CNNG
import CSQLite

/// Which libraries the figures are of.
enum LibraryVersions {
    static var nng: String { String(cString: nng_version()) }
    static var sqlite: String { String(cString: sqlite3_libversion()) }
}
