// SPDX-License-Identifier: Apache-2.0

/// Where a condition looks a value up.
struct TargetKey: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        case label
        case fact
        /// The label, or the fact where the agent has no such label.
        case labelElseFact
    }

    let place: Place
    let name: String

    /// Reads `KEY`, `label:KEY` or `fact:KEY`.
    init(_ text: String) {
        for (prefix, place) in [("label:", Place.label), ("fact:", .fact)] where text.hasPrefix(prefix) {
            self.init(place: place, name: String(text.dropFirst(prefix.count)))
            return
        }
        self.init(literally: text)
    }

    /// A key that was quoted: nothing in it has a meaning.
    init(literally text: String) {
        self.init(place: .labelElseFact, name: text)
    }

    private init(place: Place, name: String) {
        self.place = place
        self.name = name
    }

    /// What `agent` has under this key; empty if it has nothing there.
    func values(of agent: Agent) -> [TargetValue] {
        if place != .fact, let label = agent.labels[name] { return [.label(label)] }
        if place == .label { return [] }
        var found: [TargetValue] = []
        Self.collect(from: .object(agent.facts), path: name[...], into: &found)
        return found
    }

    /// Follows a dotted path into `value`; lists on the way and at its end stand for all their elements.
    ///
    /// A member whose name is the whole rest of the path comes first, so that names with dots can be reached. The
    /// depth is that of the path or of nested lists, which the decoder of the facts has bounded.
    private static func collect(from value: JSONValue, path: Substring?, into found: inout [TargetValue]) {
        switch value {
        case .array(let elements):
            for element in elements { collect(from: element, path: path, into: &found) }
        case .object(let members):
            guard let path else { return found.append(.fact(value)) }
            if let member = members[String(path)] { return collect(from: member, path: nil, into: &found) }
            guard let dot = path.firstIndex(of: "."), let member = members[String(path[..<dot])] else { return }
            collect(from: member, path: path[path.index(after: dot)...], into: &found)
        case .null: break
        case .bool, .int, .double, .string:
            if path == nil { found.append(.fact(value)) }
        }
    }
}

/// A value that an agent has under a key.
enum TargetValue: Hashable, Sendable {
    case label(String)
    case fact(JSONValue)

    /// The value as a number, if it is one or reads as one.
    var number: Double? {
        switch self {
        case .label(let text), .fact(.string(let text)): TargetNumber.plain(text)
        case .fact(let value): value.number
        }
    }
}

/// A value as the expression names it.
enum TargetOperand: Hashable, Sendable {
    /// Exactly this; the number is there if it reads as one.
    case literal(String, number: Double?)
    case glob(GlobPattern, below: GlobPattern)

    /// Makes an operand of a quoted text: nothing in it has a meaning.
    init(literally text: String) {
        self = .literal(text, number: TargetNumber.withSize(text))
    }

    /// Makes an operand of a word, which may be a pattern.
    init(word: String, at position: Int) throws(TargetError) {
        guard GlobPattern.isPattern(word) else {
            self.init(literally: word)
            return
        }
        let pattern = try GlobPattern(word, at: position)
        self = .glob(pattern, below: pattern.below)
    }

    /// Whether `value` is what the operand names.
    func matches(_ value: TargetValue) -> Bool {
        switch (value, self) {
        case (.label(let text), .literal(let own, _)): text == own || isBelow(text, own)
        case (.label(let text), .glob(let pattern, let below)): pattern.matches(text) || below.matches(text)
        case (.fact(let fact), .literal(let own, let number)):
            Self.text(of: fact) == own || (number != nil && fact.number == number)
        case (.fact(let fact), .glob(let pattern, _)): Self.text(of: fact).map(pattern.matches) ?? false
        }
    }

    /// Whether the label `text` lies below `group` in a dotted hierarchy: `web.dev` below `web`.
    private func isBelow(_ text: String, _ group: String) -> Bool {
        let rest = text.utf8.dropFirst(group.utf8.count)
        return rest.first == UInt8(ascii: ".") && text.utf8.starts(with: group.utf8)
    }

    private static func text(of fact: JSONValue) -> String? {
        switch fact {
        case .string(let text): text
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .null, .array, .object: nil
        }
    }
}

/// A comparison of what an agent has under a key.
struct TargetCondition: Hashable, Sendable {
    enum Test: Hashable, Sendable {
        /// Any value matches any operand.
        case isOneOf([TargetOperand])
        /// Any value stands in that order to the number.
        case ordering(TargetOperator, Double)
    }

    let key: TargetKey
    let test: Test

    /// Whether `agent` fits; an agent without the key never does.
    func holds(for agent: Agent) -> Bool {
        let values = key.values(of: agent)
        switch test {
        case .isOneOf(let operands):
            return values.contains { value in operands.contains { $0.matches(value) } }
        case .ordering(let comparison, let bound):
            return values.contains { value in
                guard let number = value.number else { return false }
                return switch comparison {
                case .less: number < bound
                case .lessOrEqual: number <= bound
                case .more: number > bound
                case .moreOrEqual: number >= bound
                case .equal, .notEqual: false
                }
            }
        }
    }
}
