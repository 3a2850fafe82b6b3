// SPDX-License-Identifier: Apache-2.0

/// Reads a pattern.
struct LinePatternParser {
    private static let maximumDepth = 50
    private static let maximumRepetitions = 1000

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var ignoresCase = false
    private var depth = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    /// Reads all of it.
    mutating func parse() throws(LinePattern.Failure) -> LinePatternNode {
        if scalars.starts(with: "(?i)".unicodeScalars) {
            ignoresCase = true
            position = 4
        }
        let node = try alternatives()
        guard peek == nil else { throw failure("')' without '('") }
        return node
    }

    private var peek: Unicode.Scalar? {
        position < scalars.count ? scalars[position] : nil
    }

    private mutating func next() -> Unicode.Scalar? {
        guard let scalar = peek else { return nil }
        position += 1
        return scalar
    }

    /// Passes over a scalar if it is the next one.
    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private func failure(_ text: String) -> LinePattern.Failure {
        LinePattern.Failure(description: "\(text), at character \(position) of the pattern")
    }

    // MARK: Parts

    private mutating func alternatives() throws(LinePattern.Failure) -> LinePatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw failure("too many parentheses within each other") }
        var nodes = [try sequence()]
        while take("|") { nodes.append(try sequence()) }
        return .alternatives(nodes)
    }

    private mutating func sequence() throws(LinePattern.Failure) -> LinePatternNode {
        var nodes: [LinePatternNode] = []
        while let scalar = peek, scalar != "|", scalar != ")" {
            nodes.append(try repetitions(of: try atom()))
        }
        return .sequence(nodes)
    }

    private mutating func atom() throws(LinePattern.Failure) -> LinePatternNode {
        switch next() {
        case "(": return try group()
        case "[": return .scalar(folded(try brackets()))
        case ".": return .scalar(.any)
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case "\\": return try escape()
        case "*", "+", "?": throw failure("nothing before the repetition")
        case "{" where peek.map(ScalarSet.digit.has) ?? false: throw failure("nothing before the repetition")
        case let scalar?: return .scalar(folded(.one(scalar)))
        case nil: throw failure("the pattern ends too early")
        }
    }

    private mutating func group() throws(LinePattern.Failure) -> LinePatternNode {
        if take("?"), !take(":") { throw failure("'(?' is only known as '(?:', and as '(?i)' at the beginning") }
        let node = try alternatives()
        guard take(")") else { throw failure("'(' without ')'") }
        return node
    }

    private mutating func escape() throws(LinePattern.Failure) -> LinePatternNode {
        switch peek {
        case "b": position += 1; return .assertion(.wordEdge)
        case "B": position += 1; return .assertion(.noWordEdge)
        default: return .scalar(folded(try escapedSet()))
        }
    }

    /// What a backslash and the next scalar stand for.
    private mutating func escapedSet() throws(LinePattern.Failure) -> ScalarSet {
        guard let scalar = next() else { throw failure("nothing after the backslash") }
        switch scalar {
        case "d": return .digit
        case "D": return ScalarSet.digit.inverted
        case "w": return .word
        case "W": return ScalarSet.word.inverted
        case "s": return .space
        case "S": return ScalarSet.space.inverted
        case "t": return .one("\t")
        case _ where ScalarSet.digit.has(scalar): throw failure("there are no back-references")
        case _ where ScalarSet.word.has(scalar) && scalar != "_": throw failure("'\\\(scalar)' is not known")
        default: return .one(scalar)
        }
    }

    private func folded(_ set: ScalarSet) -> ScalarSet {
        ignoresCase ? set.ignoringCase : set
    }

    // MARK: Repetitions

    private mutating func repetitions(of atom: LinePatternNode) throws(LinePattern.Failure) -> LinePatternNode {
        var node = atom
        while let (least, most) = try repetition() {
            node = .repeated(node, least, most)
            // As few as possible or as many: it is the same where only being found counts.
            if take("?") { continue }
        }
        return node
    }

    private mutating func repetition() throws(LinePattern.Failure) -> (Int, Int?)? {
        switch peek {
        case "*": position += 1; return (0, nil)
        case "+": position += 1; return (1, nil)
        case "?": position += 1; return (0, 1)
        case "{" where position + 1 < scalars.count && ScalarSet.digit.has(scalars[position + 1]):
            position += 1
            return try interval()
        default: return nil
        }
    }

    /// What is between `{` and `}`: `3`, `3,` or `3,5`.
    private mutating func interval() throws(LinePattern.Failure) -> (Int, Int?) {
        guard let least = number() else { throw failure("not a repetition") }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else { throw failure("'{' without '}'") }
        guard least <= Self.maximumRepetitions, most ?? 0 <= Self.maximumRepetitions else {
            throw failure("at most \(Self.maximumRepetitions) repetitions")
        }
        guard most ?? least >= least else { throw failure("the second number is less than the first") }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let scalar = peek, ScalarSet.digit.has(scalar), digits.count < 6 {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        return Int(digits)
    }

    // MARK: Brackets

    private mutating func brackets() throws(LinePattern.Failure) -> ScalarSet {
        let isInverted = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while true {
            guard let scalar = next() else { throw failure("'[' without ']'") }
            if scalar == "]", !isFirst { break }
            isFirst = false
            if scalar == "[", peek == ":" {
                ranges += try namedClass()
            } else {
                ranges += try range(from: scalar)
            }
        }
        return ScalarSet(ranges: ranges, isInverted: isInverted)
    }

    /// A scalar, a range of them, or the set that a backslash stands for.
    private mutating func range(from scalar: Unicode.Scalar) throws(LinePattern.Failure) -> [ClosedRange<UInt32>] {
        let first = try member(scalar)
        guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else { return first }
        position += 1
        guard let end = next() else { throw failure("'[' without ']'") }
        let last = try member(end)
        guard let low = single(first), let high = single(last), low <= high else { throw failure("not a range") }
        return [low...high]
    }

    private mutating func member(_ scalar: Unicode.Scalar) throws(LinePattern.Failure) -> [ClosedRange<UInt32>] {
        guard scalar == "\\" else { return ScalarSet.one(scalar).ranges }
        let set = try escapedSet()
        guard !set.isInverted else { throw failure("an opposite class does not fit in brackets") }
        return set.ranges
    }

    private func single(_ ranges: [ClosedRange<UInt32>]) -> UInt32? {
        guard ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }

    private mutating func namedClass() throws(LinePattern.Failure) -> [ClosedRange<UInt32>] {
        position += 1
        var name = ""
        while let scalar = next(), scalar != ":" { name.unicodeScalars.append(scalar) }
        guard take("]"), let ranges = ScalarSet.classes[name] else { throw failure("no class '[:\(name):]'") }
        return ranges
    }
}

extension ScalarSet {
    fileprivate func has(_ scalar: Unicode.Scalar) -> Bool { contains(scalar.value) }
}
