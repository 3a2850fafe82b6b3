// SPDX-License-Identifier: Apache-2.0

/// How a comparison compares.
enum TargetOperator: String, Hashable, Sendable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case more = ">"
    case moreOrEqual = ">="

    /// Whether it asks for an order, and so for numbers.
    var isOrdering: Bool { self != .equal && self != .notEqual }
}

/// The smallest piece of a target expression that means something.
struct TargetToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case word(String)
        case quoted(String)
        case comparison(TargetOperator)
        case open
        case close
        case comma
        case end
    }

    let kind: Kind
    /// Where it begins, in Unicode code points.
    let position: Int

    /// The token as an error message names it.
    var name: String {
        switch kind {
        case .word(let text), .quoted(let text): "'\(text)'"
        case .comparison(let comparison): "'\(comparison.rawValue)'"
        case .open: "'('"
        case .close: "')'"
        case .comma: "','"
        case .end: "the end"
        }
    }

    /// The words that mean something wherever they stand unquoted, in any case.
    static let reservedWords: Set<String> = ["and", "or", "not", "in"]

    /// Whether it is one of them.
    var isReserved: Bool {
        guard case .word(let text) = kind else { return false }
        return Self.reservedWords.contains(text.lowercased())
    }

    /// Whether it is the unquoted word `keyword`, in any case.
    func isKeyword(_ keyword: String) -> Bool {
        guard case .word(let text) = kind else { return false }
        return text.lowercased() == keyword
    }
}

/// Cuts a target expression into tokens.
struct TargetLexer {
    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    /// All tokens, with one for the end.
    mutating func tokens() throws(TargetError) -> [TargetToken] {
        var tokens: [TargetToken] = []
        while true {
            let token = try next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private mutating func next() throws(TargetError) -> TargetToken {
        while position < scalars.count, scalars[position].properties.isWhitespace { position += 1 }
        let start = position
        guard position < scalars.count else { return TargetToken(kind: .end, position: start) }
        let kind: TargetToken.Kind
        switch scalars[position] {
        case "(": kind = single(.open)
        case ")": kind = single(.close)
        case ",": kind = single(.comma)
        case "=", "!", "<", ">": kind = .comparison(try comparison())
        case "\"", "'": kind = .quoted(try quoted())
        default: kind = .word(word())
        }
        return TargetToken(kind: kind, position: start)
    }

    private mutating func single(_ kind: TargetToken.Kind) -> TargetToken.Kind {
        position += 1
        return kind
    }

    private mutating func comparison() throws(TargetError) -> TargetOperator {
        let first = scalars[position]
        let hasEqualSign = position + 1 < scalars.count && scalars[position + 1] == "="
        let text = String(first) + (hasEqualSign ? "=" : "")
        guard let comparison = TargetOperator(rawValue: text) else {
            let hint = text == "==" ? "write '=' for 'equal'" : "write 'not' or '!='"
            throw TargetError(.syntax, "'\(text)' is not an operator; \(hint)", position: position)
        }
        position += text.utf8.count
        return comparison
    }

    private mutating func quoted() throws(TargetError) -> String {
        let start = position
        let quote = scalars[position]
        var text = String.UnicodeScalarView()
        position += 1
        while position < scalars.count, scalars[position] != quote {
            // A backslash takes the meaning from a quote and from a backslash, and is itself before anything else.
            let next = position + 1
            if scalars[position] == "\\", next < scalars.count, scalars[next] == quote || scalars[next] == "\\" {
                position = next
            }
            text.append(scalars[position])
            position += 1
        }
        guard position < scalars.count else {
            throw TargetError(.syntax, "the quote \(quote) is not closed", position: start)
        }
        position += 1
        return String(text)
    }

    private mutating func word() -> String {
        let start = position
        while position < scalars.count, !endsWord(scalars[position]) || isNegationOfClass { position += 1 }
        return String(String.UnicodeScalarView(scalars[start..<position]))
    }

    /// Whether this is the `!` of `[!a-c]`, which is part of a pattern.
    private var isNegationOfClass: Bool {
        position > 0 && scalars[position] == "!" && scalars[position - 1] == "["
    }

    private func endsWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || "()=!<>,\"'".unicodeScalars.contains(scalar)
    }
}
