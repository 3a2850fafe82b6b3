// SPDX-License-Identifier: Apache-2.0

/// Reads JSON text that strangers sent (RFC 8259), in one pass and with bounds.
///
/// A general decoder takes the one or the other of two members with the same name, so that two readers of one text can
/// understand different things; it tries one type after the other on each value, so that a small text can cost much
/// time; and how deep it goes is its own affair. This reader refuses the first, and bounds the rest.
package struct JSONText {
    /// The text is not JSON, or not such as is taken here.
    package struct Failure: Error, Hashable, Sendable {
        /// What is wrong, in words.
        package let message: String
        /// Where: how many bytes come before the fault.
        package let offset: Int
    }

    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0

    private init(_ bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// How deep values may be nested where nothing else is said.
    package static let standardDepth = 64

    /// Reads one value, with nothing but white space around it.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - maximumDepth: how deep lists and objects may be nested.
    /// - Returns: the value.
    /// - Throws: ``Failure``; it takes time in proportion to the length of the text, whatever the text is.
    package static func parse(_ bytes: [UInt8], maximumDepth: Int = standardDepth) throws(Failure) -> JSONValue {
        var text = JSONText(bytes, maximumDepth: maximumDepth)
        text.skipWhitespace()
        let value = try text.value(depth: 0)
        text.skipWhitespace()
        guard text.current == nil else { throw text.failure("there is more after the end of the value") }
        return value
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard let byte = current else { throw failure("the text ends too early") }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("a value was expected")
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> [String: JSONValue] {
        try enter(depth)
        var members: [String: JSONValue] = [:]
        if take(UInt8(ascii: "}")) { return members }
        repeat {
            skipWhitespace()
            let start = position
            guard current == UInt8(ascii: "\"") else { throw failure("the name of a member was expected") }
            let name = try string()
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw failure("':' was expected") }
            skipWhitespace()
            if let same = members.index(forKey: name) { throw Self.twice(name, members[same].key, at: start) }
            members[name] = try value(depth: depth)
            skipWhitespace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("',' or '}' was expected") }
        return members
    }

    private mutating func array(depth: Int) throws(Failure) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            skipWhitespace()
            elements.append(try value(depth: depth))
            skipWhitespace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("',' or ']' was expected") }
        return elements
    }

    /// Texts count as the same as Unicode has it, with all that keeps members by name: an é is an é, be it one code
    /// point or two.
    private static func twice(_ name: String, _ other: String, at offset: Int) -> Failure {
        let isSpeltTheSame = name.unicodeScalars.elementsEqual(other.unicodeScalars)
        let text =
            isSpeltTheSame
            ? "is there twice" : "is there twice, in spellings that are canonically equivalent in Unicode"
        return Failure(message: "the member '\(name.prefix(100))' \(text)", offset: offset)
    }

    private mutating func enter(_ depth: Int) throws(Failure) {
        guard depth <= maximumDepth else { throw failure("nested deeper than \(maximumDepth)") }
        position += 1
        skipWhitespace()
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        let text = Array("\(word)".utf8)
        guard bytes[position...].starts(with: text) else { throw failure("a value was expected") }
        position += text.count
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if let whole = Int64(text) { return .int(whole) }
        guard let number = Double(text), number.isFinite else {
            throw Failure(message: "the number is too large", offset: start)
        }
        return Int64(exactly: number).map(JSONValue.int) ?? .double(number)
    }

    private mutating func digits() throws(Failure) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw failure("a digit was expected") }
    }

    // MARK: Strings

    private mutating func string() throws(Failure) -> String {
        position += 1
        let start = position
        var unescaped: [UInt8]?
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                let content = unescaped?[...] ?? bytes[start..<position]
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw Failure(message: "the string is not UTF-8", offset: start)
                }
                position += 1
                return text
            case 0..<0x20: throw failure("a control character must be escaped")
            case UInt8(ascii: "\\"):
                // Changed in place: a copy for each escape would cost the square of the length.
                if unescaped == nil { unescaped = Array(bytes[start..<position]) }
                unescaped?.append(contentsOf: try escape())
            default:
                unescaped?.append(byte)
                position += 1
            }
        }
        throw failure("the string does not end")
    }

    private mutating func escape() throws(Failure) -> [UInt8] {
        position += 1
        guard let byte = current else { throw failure("the string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(Character(try unicodeEscape())).utf8)
        default: throw failure("no such escape")
        }
    }

    private mutating func unicodeEscape() throws(Failure) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Half of a pair: the other half must follow.
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw failure("half of a surrogate pair")
        }
        let second = try codeUnit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure("half of a surrogate pair") }
        return scalar
    }

    private mutating func codeUnit() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = hexValue(byte) else {
                throw failure("four hexadecimal digits were expected")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    // MARK: Bytes

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func failure(_ message: String) -> Failure {
        Failure(message: message, offset: position)
    }
}
