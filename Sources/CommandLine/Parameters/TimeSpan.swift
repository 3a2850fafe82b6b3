// SPDX-License-Identifier: Apache-2.0

/// A length of time as people write it: `30s`, `10m`, `2h`, `1d`, `500ms`, `1h30m`; a bare number is seconds.
package struct TimeSpan: Hashable, Sendable {
    /// The length in seconds.
    package let seconds: Double

    /// Reads a length of time; nil for anything that is none, and for zero and less.
    package init?(_ text: String) {
        if let seconds = Self.number(text[...]) {
            self.init(seconds: seconds)
            return
        }
        var rest = text[...]
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            let unit = rest[digits.endIndex...].prefix { $0.isLetter }
            guard let number = Self.number(digits), let factor = Self.units[String(unit)] else { return nil }
            total += number * factor
            rest = rest[unit.endIndex...]
        }
        self.init(seconds: total)
    }

    private init?(seconds: Double) {
        guard seconds > 0, seconds.isFinite else { return nil }
        self.seconds = seconds
    }

    /// The length as a duration, at most some hundred years.
    package var duration: Duration { .seconds(min(seconds, 1e10)) }

    /// The length as a JSON number, whole where it is.
    package var whole: Int64? { Int64(exactly: seconds) }

    private static let units: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800]

    private static func number(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }) else { return nil }
        return Double(text)
    }
}

extension Duration {
    /// The duration in few characters: `0.1s`, `42s`, `3m05s`, `2h10m`, `3d04h`.
    package var brief: String {
        let milliseconds = max(0, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
        let seconds = milliseconds / 1000
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch seconds {
        case ..<10: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100)s"
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m\(padded(seconds % 60))s"
        case ..<86400: return "\(seconds / 3600)h\(padded(seconds / 60 % 60))m"
        default: return "\(seconds / 86400)d\(padded(seconds / 3600 % 24))h"
        }
    }
}
