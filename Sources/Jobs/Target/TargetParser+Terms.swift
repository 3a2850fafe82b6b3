// SPDX-License-Identifier: Apache-2.0

// The leaves of an expression: hosts, conditions and picks.

extension TargetParser {
    /// Whether the current token is the key of a condition.
    var isCondition: Bool {
        if case .comparison = next().kind { return true }
        return next().isKeyword("in") || (next().isKeyword("not") && next(2).isKeyword("in"))
    }

    mutating func word(_ text: String) throws(TargetError) -> TargetNode {
        let position = current.position
        if current.isReserved { throw unexpected("a host name, a condition or '('") }
        if isCondition {
            guard !GlobPattern.isPattern(text) else {
                throw TargetError(.syntax, "the key '\(text)' must not be a pattern", position: position)
            }
            return try condition(on: TargetKey(text))
        }
        if current.isKeyword("sample"), next().kind == .open { return .pick(try sample(), position: position) }
        let token = advance()
        if token.isKeyword("_all") { return .all }
        if token.isKeyword("_any") { return .pick(.anyConnected, position: position) }
        if text.hasPrefix("_") {
            throw TargetError(.syntax, "'\(text)' is not known; there are _all and _any", position: position)
        }
        return .hosts(try TargetHosts(word: text, at: position))
    }

    // MARK: Conditions

    mutating func condition(on key: TargetKey) throws(TargetError) -> TargetNode {
        let keyToken = advance()
        guard !key.name.isEmpty else {
            throw TargetError(.syntax, "the key is empty", position: keyToken.position)
        }
        if current.isKeyword("not") {
            advance()
            return .not(try list(on: key))
        }
        guard case .comparison(let comparison) = current.kind else { return try list(on: key) }
        advance()
        if comparison.isOrdering {
            let bound = try number(after: comparison)
            return .condition(TargetCondition(key: key, test: .ordering(comparison, bound)))
        }
        let node = TargetNode.condition(TargetCondition(key: key, test: .isOneOf([try operand()])))
        return comparison == .equal ? node : .not(node)
    }

    private mutating func list(on key: TargetKey) throws(TargetError) -> TargetNode {
        advance()
        try expect(.open, "'('")
        var operands = [try operand()]
        while current.kind == .comma {
            advance()
            operands.append(try operand())
        }
        try expect(.close, "',' or ')'")
        return .condition(TargetCondition(key: key, test: .isOneOf(operands)))
    }

    private mutating func operand() throws(TargetError) -> TargetOperand {
        let token = current
        switch token.kind {
        case .quoted(let text):
            advance()
            return TargetOperand(literally: text)
        case .word(let text):
            if token.isReserved { throw unexpected("a value (in quotes if it is such a word)") }
            advance()
            return try TargetOperand(word: text, at: token.position)
        case .comparison, .open, .close, .comma, .end: throw unexpected("a value")
        }
    }

    private mutating func number(after comparison: TargetOperator) throws(TargetError) -> Double {
        let wanted = "a number after '\(comparison.rawValue)', such as 4, 2.5 or 4GiB"
        switch current.kind {
        case .word(let text), .quoted(let text):
            guard let number = TargetNumber.withSize(text) else { throw unexpected(wanted) }
            advance()
            return number
        case .comparison, .open, .close, .comma, .end: throw unexpected(wanted)
        }
    }

    // MARK: Samples

    /// `sample(3)`, `sample(10%)`, `sample(3, seed=42)` or `sample(3, 42)`.
    private mutating func sample() throws(TargetError) -> TargetPick {
        advance()
        advance()
        let amount = try amount()
        var seed: UInt64?
        if current.kind == .comma {
            advance()
            if current.isKeyword("seed"), next().kind == .comparison(.equal) {
                advance()
                advance()
            }
            guard case .word(let text) = current.kind, let number = UInt64(text) else {
                throw unexpected("a seed, a whole number")
            }
            seed = number
            advance()
        }
        try expect(.close, seed == nil ? "',' or ')'" : "')'")
        return .sample(amount, seed: seed)
    }

    private mutating func amount() throws(TargetError) -> TargetPick.Amount {
        guard case .word(let text) = current.kind, let amount = Self.amount(text) else {
            throw unexpected("how many to take: a whole number from 1, or a percentage up to 100%")
        }
        advance()
        return amount
    }

    private static func amount(_ text: String) -> TargetPick.Amount? {
        guard text.hasSuffix("%") else {
            return Int(text).flatMap { $0 > 0 ? .count($0) : nil }
        }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2, (1...3).contains(whole.utf8.count) else { return nil }
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard (1...3).contains(fraction.utf8.count), (whole + fraction).utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        let digits = String(whole) + String(fraction) + String(repeating: "0", count: 3 - fraction.utf8.count)
        guard let share = Int(digits), (1...100_000).contains(share) else { return nil }
        return .share(share)
    }
}
