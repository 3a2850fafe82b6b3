// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Reads a duration as people write it: `90`, `1.5` (seconds), `250ms`, `30s`, `10m`, `2h`, `1d`, `1w`, `1h30m`.
    ///
    /// - Returns: nil for anything else, for a negative number, and for more than a hundred years.
    public init?(humanText text: String) {
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        if let seconds = Self.number(rest) {
            self = .milliseconds(Int64(seconds * 1000))
            return
        }
        var total: Double = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unit = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
            guard let amount = Self.number(digits), let seconds = Self.secondsPerUnit[String(unit)] else { return nil }
            total += amount * seconds
            rest = rest.dropFirst(digits.count + unit.count)
        }
        guard total <= Self.longest else { return nil }
        self = .milliseconds(Int64((total * 1000).rounded()))
    }

    /// The duration as people write it, in at most two units: `1h 30m`, `12s`, `250ms`.
    public var humanText: String {
        let milliseconds = wholeMilliseconds
        guard milliseconds >= 1000 else { return "\(milliseconds)ms" }
        guard milliseconds >= 60_000 else {
            let tenths = milliseconds / 100
            return tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
        }
        let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        guard let first = units.firstIndex(where: { milliseconds >= $0.1 }) else { return "0s" }
        let (name, size) = units[first]
        let head = "\(milliseconds / size)\(name)"
        guard first + 1 < units.count else { return head }
        let rest = milliseconds % size / units[first + 1].1
        return rest == 0 ? head : "\(head) \(rest)\(units[first + 1].0)"
    }

    private static let longest: Double = 100 * 365 * 86_400

    private static let secondsPerUnit: [String: Double] = [
        "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800,
    ]

    private static func number(_ text: Substring) -> Double? {
        guard text.first?.isNumber == true, text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let value = Double(text), value <= longest
        else { return nil }
        return value
    }
}
