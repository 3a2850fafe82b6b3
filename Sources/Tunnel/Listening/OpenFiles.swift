// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the limit on open files leaves room for.
enum OpenFiles {
    /// Descriptors the rest of the process needs: stores, logs, event loops, and an eighth of all for HTTP.
    static func reserve(of limit: Int) -> Int { 64 + limit / 8 }

    /// How many connections fit; running out of descriptors in `accept` would leave the process spinning.
    static func connections(filesEach: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        guard limit.rlim_cur < rlim_t(Int.max) else { return .max }
        return max(1, (Int(limit.rlim_cur) - reserve(of: Int(limit.rlim_cur))) / filesEach)
    }
}
