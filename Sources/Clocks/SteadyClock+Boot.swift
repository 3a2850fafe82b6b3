// SPDX-License-Identifier: Apache-2.0

import Glibc

extension SteadyClock {
    /// Milliseconds since the machine was started, asleep or not; nil where the kernel does not tell.
    static func sinceBoot() -> Int64? {
        var time = timespec()
        guard clock_gettime(CLOCK_BOOTTIME, &time) == 0 else { return nil }
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
