// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The limit on open files: a simulated agent takes four here through the tunnel and one without it, and in the controller
/// three and one.
enum OpenFiles {
    /// Raises the limit as far as the system lets this process, which is also that of those it starts.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        var higher = limit
        higher.rlim_max = max(limit.rlim_max, 250_000)
        higher.rlim_cur = higher.rlim_max
        // Only root may have more than its own limit.
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &higher) != 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Fails where so many agents would not fit.
    static func check(agents: Int, link: ControllerProcess.Link) throws {
        raiseLimit()
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        // A half more for those that come back while their old connections are being closed.
        let needed = agents * (link == .tunnel ? 4 : 1) * 3 / 2 + 200
        guard limit.rlim_cur >= needed else {
            throw BenchError(
                "\(agents) agents need \(needed) open files, and the limit is \(limit.rlim_cur): ulimit -n"
            )
        }
    }
}
