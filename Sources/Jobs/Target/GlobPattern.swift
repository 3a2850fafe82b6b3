// SPDX-License-Identifier: Apache-2.0

/// A shell-like pattern: `*` for any text, `?` for one character, `[a-c]` and `[!a-c]` for one of a class.
///
/// Matching remembers the last `*` only, so that its work is bounded by the length of the text times that of the
/// longest piece between two stars, whatever the pattern.
package struct GlobPattern: Hashable, Sendable {
    private enum Part: Hashable {
        case one(Unicode.Scalar)
        case anyOne
        case anyText
        case oneOf([ClosedRange<Unicode.Scalar>], negated: Bool)

        func takes(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .one(let own): own == scalar
            case .anyOne: true
            case .anyText: false
            case .oneOf(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
            }
        }
    }

    private var parts: [Part] = []

    /// Whether `text` has a character that means something in a pattern.
    static func isPattern(_ text: String) -> Bool {
        text.unicodeScalars.contains { "*?[".unicodeScalars.contains($0) }
    }

    /// Reads a pattern.
    ///
    /// - Parameters:
    ///   - text: the pattern.
    ///   - position: where the pattern begins in the expression, for the error.
    /// - Throws: ``TargetError`` with code `syntax` for a class that is not closed or has a range backwards.
    package init(_ text: String, at position: Int) throws(TargetError) {
        let scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            switch scalars[index] {
            case "*":
                if parts.last != .anyText { parts.append(.anyText) }
                index += 1
            case "?":
                parts.append(.anyOne)
                index += 1
            case "[":
                index = try readClass(scalars, from: index, at: position)
            default:
                parts.append(.one(scalars[index]))
                index += 1
            }
        }
    }

    private init(parts: [Part]) {
        self.parts = parts
    }

    /// The pattern for what lies below a match in a dotted hierarchy: this one, a dot, and any text.
    var below: GlobPattern {
        GlobPattern(parts: parts + [.one("."), .anyText])
    }

    /// Reads the class that begins at `start`; answers the index after its `]`.
    private mutating func readClass(
        _ scalars: [Unicode.Scalar],
        from start: Int,
        at position: Int
    ) throws(TargetError) -> Int {
        var index = start + 1
        let negated = index < scalars.count && (scalars[index] == "!" || scalars[index] == "^")
        if negated { index += 1 }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        // A "]" that comes first stands for itself, as in the shell.
        while index < scalars.count, scalars[index] != "]" || ranges.isEmpty {
            let low = scalars[index]
            var high = low
            if index + 2 < scalars.count, scalars[index + 1] == "-", scalars[index + 2] != "]" {
                high = scalars[index + 2]
                index += 2
            }
            guard low <= high else {
                throw TargetError(.syntax, "the range '\(low)-\(high)' is backwards", position: position + index - 2)
            }
            ranges.append(low...high)
            index += 1
        }
        guard index < scalars.count else {
            throw TargetError(.syntax, "the '[' has no ']'", position: position + start)
        }
        parts.append(.oneOf(ranges, negated: negated))
        return index + 1
    }

    /// Whether the whole of `text` fits the pattern.
    package func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var place = 0
        var part = 0
        var lastStar: (part: Int, place: Int)?
        while place < scalars.count {
            if part < parts.count, parts[part] == .anyText {
                lastStar = (part, place)
                part += 1
            } else if part < parts.count, parts[part].takes(scalars[place]) {
                part += 1
                place += 1
            } else if let star = lastStar {
                // Let the last star take one more character; an earlier star never needs to.
                lastStar = (star.part, star.place + 1)
                part = star.part + 1
                place = star.place + 1
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .anyText }
    }
}
