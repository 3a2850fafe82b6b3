// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// A point in time as people write it: `2026-11-21T08:30:00Z`, `2026-11-21`, `today`, `yesterday`, `now`, or `2h` for two
/// hours ago; days are those of UTC, as in all that is shown.
package struct TimePoint: Hashable, Sendable {
    /// The time.
    package let time: Timestamp

    private static let day: Int64 = 86_400_000

    /// Reads a point in time.
    ///
    /// - Parameters:
    ///   - text: what was typed.
    ///   - now: the time that it is seen from.
    /// - Throws: ``UsageError`` for anything that is none.
    package init(_ text: String, now: Timestamp) throws(UsageError) {
        let today = now.milliseconds - now.milliseconds % Self.day
        switch text {
        case "now": time = now
        case "today": time = Timestamp(milliseconds: today)
        case "yesterday": time = Timestamp(milliseconds: today - Self.day)
        default:
            if let time = Timestamp(text) ?? Timestamp("\(text)T00:00:00Z") {
                self.time = time
            } else if let duration = Duration(humanText: text) {
                time = Timestamp(milliseconds: now.milliseconds - duration.wholeMilliseconds)
            } else {
                let examples = "2026-11-21, 2026-11-21T08:30:00Z, yesterday, or 2h for two hours ago"
                throw UsageError("a time looks like \(examples)")
            }
        }
    }
}
