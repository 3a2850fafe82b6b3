// SPDX-License-Identifier: Apache-2.0

/// A pattern that is found in a line of text or not: an extended regular expression as `grep -E` has it (POSIX.1-2017, 9.4).
///
/// Beyond that it has `\d`, `\w`, `\s` and their opposites `\D`, `\W`, `\S` (of ASCII), `\b` and `\B` at the edge of a word,
/// `(?:…)`, and `(?i)` at the beginning for letters of either case. A backslash makes any other sign stand for itself, inside
/// brackets too. There are no back-references and no looking ahead: so the work grows in proportion to the line and to the
/// pattern, whatever they are, and a pattern from elsewhere cannot hold up a host.
public struct LinePattern: Hashable, Sendable {
    /// The most characters of a pattern.
    public static let maximumLength = 1024
    /// The most steps that a pattern may come to; a repetition such as `{100}` counts a hundredfold.
    static let maximumSteps = 1000

    /// What is wrong with a pattern.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong, in words.
        public let description: String
    }

    /// One step of the program that a pattern is made into.
    enum Step: Hashable, Sendable {
        /// A scalar of a set.
        case scalar(ScalarSet)
        /// Goes on at both steps.
        case fork(Int, Int)
        /// Goes on at a step.
        case jump(Int)
        /// Goes on where this holds.
        case assert(Assertion)
        /// The pattern is found.
        case found
    }

    /// What holds at a place between two scalars.
    enum Assertion: Hashable, Sendable {
        case start, end, wordEdge, noWordEdge
    }

    /// The pattern as it was given.
    public let text: String
    private let steps: [Step]

    /// Reads a pattern.
    ///
    /// - Throws: ``Failure`` for what is no pattern, or would be too much work.
    public init(_ text: String) throws(Failure) {
        guard text.unicodeScalars.count <= Self.maximumLength else {
            throw Failure(description: "a pattern has at most \(Self.maximumLength) characters")
        }
        self.text = text
        var parser = LinePatternParser(text)
        var program = LinePatternProgram()
        try program.add(try parser.parse())
        steps = program.steps + [.found]
    }

    /// Whether the pattern is found anywhere in a line, given as UTF-8 without its end.
    public func isFound(in line: some Collection<UInt8>) -> Bool {
        isFound(in: line) {}
    }

    /// Whether the pattern is found anywhere in a line that may be very long.
    ///
    /// - Parameters:
    ///   - line: UTF-8 without its end.
    ///   - check: called now and then; what it throws ends the work.
    /// - Returns: whether it is found.
    /// - Throws: what `check` throws.
    public func isFound<Failure: Error>(
        in line: some Collection<UInt8>,
        checking check: () throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        let scalars = Array(String(decoding: line, as: UTF8.self).unicodeScalars.map(\.value))
        var current = StepSet(capacity: steps.count)
        var next = StepSet(capacity: steps.count)
        for position in 0...scalars.count {
            if position % 1024 == 0 { try check() }
            // The pattern may begin at every place.
            if follow(0, at: position, in: scalars, to: &current) { return true }
            guard position < scalars.count else { break }
            for index in current.members {
                guard case .scalar(let set) = steps[index], set.contains(scalars[position]) else { continue }
                if follow(index + 1, at: position + 1, in: scalars, to: &next) { return true }
            }
            swap(&current, &next)
            next.removeAll()
        }
        return false
    }

    /// Adds a step and all that it leads to without a scalar; answers whether the pattern is found.
    private func follow(_ first: Int, at position: Int, in scalars: [UInt32], to set: inout StepSet) -> Bool {
        var pending = [first]
        while let index = pending.popLast() {
            guard set.insert(index) else { continue }
            switch steps[index] {
            case .scalar: break
            case .jump(let target): pending.append(target)
            case .fork(let one, let other): pending += [other, one]
            case .assert(let assertion):
                if holds(assertion, at: position, in: scalars) { pending.append(index + 1) }
            case .found: return true
            }
        }
        return false
    }

    private func holds(_ assertion: Assertion, at position: Int, in scalars: [UInt32]) -> Bool {
        switch assertion {
        case .start: return position == 0
        case .end: return position == scalars.count
        case .wordEdge, .noWordEdge:
            let before = position > 0 && ScalarSet.word.contains(scalars[position - 1])
            let after = position < scalars.count && ScalarSet.word.contains(scalars[position])
            return (before != after) == (assertion == .wordEdge)
        }
    }
}

/// A set of steps that keeps their order, and is emptied in time proportional to what is in it.
private struct StepSet {
    private(set) var members: [Int] = []
    private var isMember: [Bool]

    init(capacity: Int) {
        isMember = Array(repeating: false, count: capacity)
    }

    mutating func insert(_ index: Int) -> Bool {
        if isMember[index] { return false }
        isMember[index] = true
        members.append(index)
        return true
    }

    mutating func removeAll() {
        for index in members { isMember[index] = false }
        members.removeAll(keepingCapacity: true)
    }
}
