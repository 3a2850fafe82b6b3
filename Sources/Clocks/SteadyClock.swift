// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Jobs

/// The time of day by a clock that never jumps: the wall clock at the start, carried on by the time since the machine was
/// started, which counts while it sleeps as well.
///
/// A wall clock that is set while the program runs moves no deadline and turns no order round. The new time counts from
/// the next start on; what was stored before that is moved by ``ClockAnchor/shift(since:)``.
package struct SteadyClock: Sendable {
    private let wallStart: Timestamp
    private let start: ContinuousClock.Instant

    /// How the wall clock stood to the time since the machine was started, when this clock was made; nil where the kernel
    /// does not tell.
    package let anchor: ClockAnchor?

    /// Makes a clock of what the wall clock says now.
    package init() {
        let wall = Int64(Date().timeIntervalSince1970 * 1000)
        wallStart = Timestamp(milliseconds: wall)
        start = ContinuousClock.now
        if let bootID = Self.bootID(), let sinceBoot = Self.sinceBoot() {
            anchor = ClockAnchor(bootID: bootID, offset: wall - sinceBoot)
        } else {
            anchor = nil
        }
    }

    /// The time now.
    package func now() -> Timestamp {
        wallStart + (ContinuousClock.now - start)
    }

    private static func bootID() -> String? {
        let path = "/proc/sys/kernel/random/boot_id"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return String(text.prefix { !$0.isWhitespace })
    }
}
