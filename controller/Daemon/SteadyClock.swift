// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// The controller's time: the wall clock at the start, carried on by a clock that never jumps.
///
/// A wall clock that is set while the controller runs moves no deadline and turns no order round. The new time counts
/// from the next start on.
struct SteadyClock: Sendable {
    private let origin: Int64
    private let bootOrigin: Int64

    /// Takes the wall clock's time.
    init() {
        origin = Self.milliseconds(CLOCK_REALTIME)
        bootOrigin = Self.milliseconds(CLOCK_BOOTTIME)
    }

    /// The time now.
    func now() -> Timestamp {
        Timestamp(milliseconds: origin + Self.milliseconds(CLOCK_BOOTTIME) - bootOrigin)
    }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
