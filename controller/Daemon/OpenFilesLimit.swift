// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The limit on open files: each agent takes three.
enum OpenFilesLimit {
    /// Raises the limit as far as the system lets this process.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Where this is refused, the edge fits its connections to the limit that there is.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many HTTP connections there may be: an eighth of the files, so that none of them can keep agents out.
    static var httpConnections: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 100 }
        return Int(clamping: min(limit.rlim_cur / 8, 4096))
    }
}
