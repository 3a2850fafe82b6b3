// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// The controller's time: the wall clock at the start, carried on by a clock that never jumps.
///
/// A wall clock that is set while the controller runs moves no deadline and turns no order round. The new time counts
/// from the next start on.
struct SteadyClock: Sendable {
    private let wallStart = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    private let start = ContinuousClock.now

    /// The time now.
    func now() -> Timestamp {
        wallStart + (ContinuousClock.now - start)
    }
}
