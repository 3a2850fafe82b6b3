// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Jobs

/// The time of day, as the host has it.
package enum WallClock {
    /// The time now; it may step when the host's clock is set.
    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
