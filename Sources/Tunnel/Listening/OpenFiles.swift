// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the limit on open files leaves room for.
enum OpenFiles {
    /// Descriptors the rest of the process needs: stores, logs, event loops, and an eighth of all for HTTP.
    static func reserve(of limit: Int) -> Int { 64 + limit / 8 }

    /// Whether the process is some way from its limit.
    ///
    /// At the limit libdispatch, which cannot look at its threads then, ends the whole process. A new descriptor gets the
    /// lowest number that is free, so that the number of one tells how many there are at least.
    static func areLeft() -> Bool {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return true }
        let probe = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
        guard probe >= 0 else { return errno == EBADF }
        close(probe)
        return rlim_t(probe) + limit.rlim_cur / 16 < limit.rlim_cur
    }

    /// How many connections fit; running out of descriptors in `accept` would leave the process spinning.
    static func connections(filesEach: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        guard limit.rlim_cur < rlim_t(Int.max) else { return .max }
        return max(1, (Int(limit.rlim_cur) - reserve(of: Int(limit.rlim_cur))) / filesEach)
    }
}
