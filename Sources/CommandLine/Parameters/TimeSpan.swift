// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A length of time as people write it: `30s`, `10m`, `2h`, `1d`, `500ms`, `1h30m`; a bare number is seconds.
package struct TimeSpan: Hashable, Sendable {
    /// The length as a duration.
    package let duration: Duration

    /// Reads a length of time.
    ///
    /// - Parameters:
    ///   - text: what was typed.
    ///   - allowingZero: whether nothing at all is a length here.
    /// - Throws: ``UsageError`` for anything that is none, and for zero where that is not allowed.
    package init(_ text: String, allowingZero: Bool = false) throws(UsageError) {
        guard let duration = Duration(humanText: text) else {
            throw UsageError("a length of time looks like 30s, 10m, 2h or 1h30m")
        }
        guard duration > .zero || allowingZero else { throw UsageError("must be more than 0") }
        self.duration = duration
    }

    /// The length in seconds.
    package var seconds: Double { Double(duration.wholeMilliseconds) / 1000 }

    /// The length as a JSON number, whole where it is.
    package var whole: Int64? { Int64(exactly: seconds) }
}

extension Duration {
    /// The duration in few characters: `8ms`, `0.1s`, `42s`, `3m05s`, `2h10m`, `3d04h`.
    package var brief: String {
        let milliseconds = max(0, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
        let seconds = milliseconds / 1000
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if milliseconds < 100 { return "\(milliseconds)ms" }
        switch seconds {
        case ..<10: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100)s"
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m\(padded(seconds % 60))s"
        case ..<86400: return "\(seconds / 3600)h\(padded(seconds / 60 % 60))m"
        default: return "\(seconds / 86400)d\(padded(seconds / 3600 % 24))h"
        }
    }
}
