// SPDX-License-Identifier: Apache-2.0

/// A place in the parameters of a job where each host puts something of its own: a fact or a label.
///
/// A text that is `@fact.NAME` or `@label.NAME` and nothing else is replaced by the value, of whatever type it is;
/// `{{fact.NAME}}` and `{{label.NAME}}` inside a longer text are replaced by the value as text. `NAME` is a name, or a path
/// of members between dots: `os.id`. `@@` at the beginning stands for `@`, and `{{{{` for `{{`, where such a text is meant
/// as it is.
public enum Reference {
    /// A reference that cannot be replaced.
    public struct Failure: Error, Hashable, Sendable {
        /// Where: a JSON Pointer below the parameters.
        public let pointer: String
        /// What is wrong, in words.
        public let detail: String
    }

    /// What references can name.
    public struct Values: Sendable {
        /// The facts of the host.
        public let facts: [String: JSONValue]
        /// The labels of the host.
        public let labels: [String: String]

        /// Makes values of their parts.
        public init(facts: [String: JSONValue], labels: [String: String]) {
            self.facts = facts
            self.labels = labels
        }
    }

    private static let kinds = ["fact", "label"]

    /// Whether anything in a text is replaced.
    public static func isIn(_ text: String) -> Bool {
        if text.hasPrefix("@"), text.hasPrefix("@@") || wholeName(text) != nil { return true }
        guard text.utf8.contains(UInt8(ascii: "{")) else { return false }
        return pieces(of: text).contains {
            if case .text = $0 { false } else { true }
        }
    }

    /// The parameters with what the host has in the place of all references.
    ///
    /// - Parameters:
    ///   - value: the parameters.
    ///   - schema: says which texts are taken as they are: secrets, and those with `references: false`.
    ///   - values: asked for only where there is a reference.
    /// - Returns: the changed parameters.
    /// - Throws: ``Failure`` for a fact or label that the host does not have.
    public static func replace(
        in value: JSONValue,
        _ schema: JSONSchema,
        with values: () -> Values
    ) throws(Failure) -> JSONValue {
        guard hasAny(value, schema) else { return value }
        return try replaced(value, schema, at: "", values())
    }

    /// Whether anything in the parameters is replaced.
    static func hasAny(_ value: JSONValue, _ schema: JSONSchema?) -> Bool {
        if let rules = schema?.rules, rules.isSecret || rules.isLiteral { return false }
        switch value {
        case .string(let text): return isIn(text)
        case .array(let elements): return elements.contains { hasAny($0, schema?.rules.items.schema) }
        case .object(let members): return members.contains { hasAny($0.value, schema?.member($0.key)) }
        case .null, .bool, .int, .double: return false
        }
    }

    private static func replaced(
        _ value: JSONValue,
        _ schema: JSONSchema?,
        at pointer: String,
        _ values: Values
    ) throws(Failure) -> JSONValue {
        if let rules = schema?.rules, rules.isSecret || rules.isLiteral { return value }
        switch value {
        case .string(let text): return try replaced(text, at: pointer, values)
        case .array(let elements):
            var list: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                list.append(try replaced(element, schema?.rules.items.schema, at: "\(pointer)/\(index)", values))
            }
            return .array(list)
        case .object(let members):
            var object: [String: JSONValue] = [:]
            for (name, member) in members {
                let place = "\(pointer)/\(escapedForJSONPointer(name))"
                object[name] = try replaced(member, schema?.member(name), at: place, values)
            }
            return .object(object)
        case .null, .bool, .int, .double: return value
        }
    }

    // MARK: Texts

    private static func replaced(_ text: String, at pointer: String, _ values: Values) throws(Failure) -> JSONValue {
        if text.hasPrefix("@@") { return .string(String(text.dropFirst())) }
        if let name = wholeName(text) { return try value(of: name, at: pointer, values) }
        return .string(try filled(text, at: pointer, values))
    }

    private enum Piece {
        case text(Substring)
        case place(Substring)
        /// `{{{{`, which stands for `{{`.
        case escape
    }

    private static func filled(_ text: String, at pointer: String, _ values: Values) throws(Failure) -> String {
        var result = ""
        for piece in pieces(of: text) {
            switch piece {
            case .text(let text): result += text
            case .place(let name): result += textOf(try value(of: name, at: pointer, values))
            case .escape: result += "{{"
            }
        }
        return result
    }

    private static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let start = rest.firstRange(of: "{{") {
            pieces.append(.text(rest[..<start.lowerBound]))
            rest = rest[start.upperBound...]
            if rest.hasPrefix("{{") {
                pieces.append(.escape)
                rest = rest.dropFirst(2)
            } else if let end = rest.firstRange(of: "}}"), let name = name(rest[..<end.lowerBound]) {
                pieces.append(.place(name))
                rest = rest[end.upperBound...]
            } else {
                pieces.append(.text("{{"))
            }
        }
        return pieces + [.text(rest)]
    }

    /// The name in a text that is a reference and nothing else.
    private static func wholeName(_ text: String) -> Substring? {
        text.hasPrefix("@") ? name(text.dropFirst()) : nil
    }

    /// A name of a fact or label, without white space around it; nil if this is none.
    private static func name(_ text: Substring) -> Substring? {
        var name = text
        while name.first == " " { name = name.dropFirst() }
        while name.last == " " { name = name.dropLast() }
        guard let dot = name.firstIndex(of: "."), kinds.contains(String(name[..<dot])) else { return nil }
        let path = name[name.index(after: dot)...].utf8
        let isName = !path.isEmpty && path.allSatisfy { $0.isASCIIAlphanumeric || "._-/".utf8.contains($0) }
        return isName ? name : nil
    }

    private static func value(
        of name: Substring,
        at pointer: String,
        _ values: Values
    ) throws(Failure) -> JSONValue {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard let value = value(parts[0], parts[1], in: values) else {
            throw Failure(pointer: pointer, detail: "this host has no \(parts[0]) '\(parts[1])'")
        }
        return value
    }

    /// What a host has by a name.
    ///
    /// - Parameters:
    ///   - kind: `fact` or `label`.
    ///   - path: the name of a fact or label, or a path of members of a fact.
    ///   - values: what the host has.
    /// - Returns: the value; nil where the host has none.
    package static func value(_ kind: String, _ path: String, in values: Values) -> JSONValue? {
        let value = kind == "label" ? values.labels[path].map(JSONValue.string) : fact(path, values.facts)
        return value == .null ? nil : value
    }

    /// A fact by its name, or a member of one by a path.
    private static func fact(_ path: String, _ facts: [String: JSONValue]) -> JSONValue? {
        if let fact = facts[path] { return fact }
        let names = path.split(separator: ".").map(String.init)
        guard let first = names.first, var value = facts[first] else { return nil }
        for name in names.dropFirst() {
            if let index = Int(name), let elements = value.array {
                guard elements.indices.contains(index) else { return nil }
                value = elements[index]
            } else if let member = value[name] {
                value = member
            } else {
                return nil
            }
        }
        return value
    }

    /// A value as it is put into a text: a text as it is, all else as JSON.
    package static func textOf(_ value: JSONValue) -> String {
        if let text = value.string { return text }
        var json = JSONWriter()
        try? value.write(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension JSONSchema {
    /// What the schema says of a member of an object; nil for nothing.
    fileprivate func member(_ name: String) -> JSONSchema? {
        rules.properties[name] ?? rules.otherProperties.schema
    }
}
