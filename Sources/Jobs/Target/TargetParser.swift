// SPDX-License-Identifier: Apache-2.0

/// Reads the tokens of a target expression into a tree, by recursive descent with a bounded depth.
///
/// ```
/// either    = every { ("or" | ",") every }
/// every     = negation { "and" negation }
/// negation  = "not" negation | primary
/// primary   = "(" either ")" | "_all" | pick | condition | host
/// ```
struct TargetParser {
    private let tokens: [TargetToken]
    private var index = 0
    private var depth = 0

    /// Reads a whole expression.
    static func parse(_ text: String) throws(TargetError) -> TargetNode {
        var lexer = TargetLexer(text)
        var parser = TargetParser(tokens: try lexer.tokens())
        if parser.current.kind == .end {
            throw TargetError(.syntax, "the target is empty; _all selects every agent", position: 0)
        }
        let node = try parser.either()
        guard parser.current.kind == .end else { throw parser.unexpected("'and', 'or' or the end") }
        return node
    }

    private init(tokens: [TargetToken]) {
        self.tokens = tokens
    }

    // MARK: Tokens

    /// The token to be read next; the last one is the end, which is never passed.
    var current: TargetToken { tokens[index] }

    func next(_ distance: Int = 1) -> TargetToken {
        tokens[min(index + distance, tokens.count - 1)]
    }

    @discardableResult mutating func advance() -> TargetToken {
        let token = current
        index = min(index + 1, tokens.count - 1)
        return token
    }

    mutating func expect(_ kind: TargetToken.Kind, _ wanted: String) throws(TargetError) {
        guard current.kind == kind else { throw unexpected(wanted) }
        advance()
    }

    func unexpected(_ wanted: String) -> TargetError {
        TargetError(.syntax, "expected \(wanted), found \(current.name)", position: current.position)
    }

    // MARK: Levels of the grammar

    private mutating func either() throws(TargetError) -> TargetNode {
        var terms = [try every()]
        while true {
            if current.isKeyword("or") {
                advance()
                terms.append(try every())
            } else if current.kind == .comma {
                try comma(&terms)
            } else {
                return Self.joined(terms)
            }
        }
    }

    /// A comma is `or` between host names.
    ///
    /// Beside `and` or `not` it could be read in two ways, so there it is refused.
    private mutating func comma(_ terms: inout [TargetNode]) throws(TargetError) {
        let comma = advance()
        let left = terms.last
        let right = try every()
        guard case .hosts = left, case .hosts = right else {
            let message = "a comma joins only host names; write 'or' with parentheses, or 'in (…)' for values"
            throw TargetError(.misplaced, message, position: comma.position)
        }
        terms.append(right)
    }

    /// One node for all terms of an `or`, with the host names among them gathered into one set.
    private static func joined(_ terms: [TargetNode]) -> TargetNode {
        if terms.count == 1 { return terms[0] }
        var hosts: TargetHosts?
        var others: [TargetNode] = []
        for term in terms {
            guard case .hosts(let more) = term else {
                others.append(term)
                continue
            }
            if hosts == nil { hosts = more } else { hosts?.formUnion(more) }
        }
        guard let hosts else { return .either(others) }
        return others.isEmpty ? .hosts(hosts) : .either([.hosts(hosts)] + others)
    }

    private mutating func every() throws(TargetError) -> TargetNode {
        var terms = [try negation()]
        while current.isKeyword("and") {
            advance()
            terms.append(try negation())
        }
        return terms.count == 1 ? terms[0] : .every(terms)
    }

    private mutating func negation() throws(TargetError) -> TargetNode {
        guard current.isKeyword("not") else { return try primary() }
        try descend()
        advance()
        let node = TargetNode.not(try negation())
        depth -= 1
        return node
    }

    private mutating func descend() throws(TargetError) {
        depth += 1
        guard depth <= TargetExpression.maximumDepth else {
            let message = "nested more than \(TargetExpression.maximumDepth) deep"
            throw TargetError(.tooDeep, message, position: current.position)
        }
    }

    private mutating func primary() throws(TargetError) -> TargetNode {
        switch current.kind {
        case .open:
            try descend()
            advance()
            let node = try either()
            try expect(.close, "')', 'and' or 'or'")
            depth -= 1
            return node
        case .word(let text): return try word(text)
        case .quoted(let text):
            if isCondition { return try condition(on: TargetKey(literally: text)) }
            advance()
            return .hosts(TargetHosts(literally: text))
        case .comparison, .close, .comma, .end: throw unexpected("a host name, a condition or '('")
        }
    }
}
