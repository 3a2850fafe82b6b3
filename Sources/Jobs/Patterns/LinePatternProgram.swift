// SPDX-License-Identifier: Apache-2.0

/// The parts that a pattern is made of.
indirect enum LinePatternNode: Hashable, Sendable {
    case scalar(ScalarSet)
    case assertion(LinePattern.Assertion)
    case sequence([LinePatternNode])
    case alternatives([LinePatternNode])
    /// A part so many times; nil for any number.
    case repeated(LinePatternNode, Int, Int?)
}

/// Makes the steps of a pattern.
struct LinePatternProgram {
    private(set) var steps: [LinePattern.Step] = []
    /// How many parts were looked at: those that come to no step cost time as well.
    private var parts = 0

    /// Adds the steps of a part.
    mutating func add(_ node: LinePatternNode) throws(LinePattern.Failure) {
        parts += 1
        guard parts <= 10 * LinePattern.maximumSteps else { throw Self.tooMuch }
        switch node {
        case .scalar(let set): try append(.scalar(set))
        case .assertion(let assertion): try append(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try add(node) }
        case .alternatives(let nodes): try addAlternatives(nodes[...])
        case .repeated(let node, let least, let most): try addRepeated(node, least, most)
        }
    }

    private mutating func addAlternatives(_ nodes: ArraySlice<LinePatternNode>) throws(LinePattern.Failure) {
        guard let first = nodes.first else { return }
        guard nodes.count > 1 else { return try add(first) }
        let fork = try append(.jump(0))
        try add(first)
        let jump = try append(.jump(0))
        steps[fork] = .fork(fork + 1, steps.count)
        try addAlternatives(nodes.dropFirst())
        steps[jump] = .jump(steps.count)
    }

    private mutating func addRepeated(
        _ node: LinePatternNode,
        _ least: Int,
        _ most: Int?
    ) throws(LinePattern.Failure) {
        for _ in 0..<least { try add(node) }
        guard let most else {
            let fork = try append(.jump(0))
            try add(node)
            try append(.jump(fork))
            steps[fork] = .fork(fork + 1, steps.count)
            return
        }
        var forks: [Int] = []
        for _ in least..<most {
            forks.append(try append(.jump(0)))
            try add(node)
        }
        for fork in forks { steps[fork] = .fork(fork + 1, steps.count) }
    }

    private static let tooMuch = LinePattern.Failure(
        description: "the pattern is too much work; write it with fewer or smaller repetitions"
    )

    @discardableResult
    private mutating func append(_ step: LinePattern.Step) throws(LinePattern.Failure) -> Int {
        guard steps.count < LinePattern.maximumSteps else { throw Self.tooMuch }
        steps.append(step)
        return steps.count - 1
    }
}

/// A set of Unicode scalars.
struct ScalarSet: Hashable, Sendable {
    /// What is in it, or what is not.
    var ranges: [ClosedRange<UInt32>]
    var isInverted = false

    func contains(_ scalar: UInt32) -> Bool {
        ranges.contains { $0.contains(scalar) } != isInverted
    }

    /// The set of what is not in it.
    var inverted: ScalarSet { ScalarSet(ranges: ranges, isInverted: !isInverted) }

    /// The set with both cases of each ASCII letter.
    var ignoringCase: ScalarSet {
        var set = self
        for range in ranges {
            let upper = range.clamped(to: 0x41...0x5A)
            if range.overlaps(0x41...0x5A) { set.ranges.append(upper.lowerBound + 32...upper.upperBound + 32) }
            let lower = range.clamped(to: 0x61...0x7A)
            if range.overlaps(0x61...0x7A) { set.ranges.append(lower.lowerBound - 32...lower.upperBound - 32) }
        }
        return set
    }

    static func one(_ scalar: Unicode.Scalar) -> ScalarSet { ScalarSet(ranges: [scalar.value...scalar.value]) }

    static let any = ScalarSet(ranges: [], isInverted: true)
    static let digit = ScalarSet(ranges: [0x30...0x39])
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = ScalarSet(ranges: [0x09...0x0D, 0x20...0x20])

    /// The classes of POSIX by name, in its own locale.
    static let classes: [String: [ClosedRange<UInt32>]] = [
        "alpha": [0x41...0x5A, 0x61...0x7A], "digit": digit.ranges, "alnum": digit.ranges + [0x41...0x5A, 0x61...0x7A],
        "upper": [0x41...0x5A], "lower": [0x61...0x7A], "space": space.ranges, "blank": [0x09...0x09, 0x20...0x20],
        "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E], "print": [0x20...0x7E], "graph": [0x21...0x7E],
        "cntrl": [0x00...0x1F, 0x7F...0x7F], "xdigit": digit.ranges + [0x41...0x46, 0x61...0x66],
    ]
}
