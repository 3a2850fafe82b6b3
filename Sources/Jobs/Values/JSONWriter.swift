// SPDX-License-Identifier: Apache-2.0

/// Writes compact JSON piece by piece, without the cost of a general encoder.
///
/// Commas come by themselves. The caller gives members in the order of their names, so that the text is that of
/// ``JSON/encode(_:pretty:)``.
public struct JSONWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    /// The end of what was taken.
    private var taken: UInt8?

    /// Makes a writer that has written nothing.
    public init() {}

    /// Takes what has been written; what is written next continues it.
    public mutating func take() -> [UInt8] {
        defer {
            taken = bytes.last ?? taken
            bytes = []
        }
        return bytes
    }

    // MARK: Structure

    /// Begins an object, as a value by itself or of a list.
    public mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
    }

    /// Ends the object that was begun last.
    public mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
    }

    /// Begins a list.
    public mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
    }

    /// Ends the list that was begun last.
    public mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
    }

    /// Writes the name of a member; its value follows.
    public mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// No value ends as an object, a list or a name begins, so the last byte tells whether a comma is due.
    private mutating func separate() {
        switch bytes.last ?? taken {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    // MARK: Values

    /// Writes null.
    public mutating func null() {
        raw("null".utf8)
    }

    /// Writes a string.
    public mutating func value(_ text: String) {
        separate()
        quote(text)
    }

    /// Writes a string of characters that all stand for themselves: digits, letters, dashes.
    mutating func value(plain text: some Sequence<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a whole number.
    public mutating func value(_ number: Int64) {
        raw(String(number).utf8)
    }

    /// Writes true or false.
    public mutating func value(_ flag: Bool) {
        raw((flag ? "true" : "false").utf8)
    }

    /// Writes the shortest digits that give a number again; a whole one without its fraction.
    ///
    /// - Throws: `JSON.Failure` for a number that is not finite, which JSON cannot write.
    public mutating func value(_ number: Double) throws(JSON.Failure) {
        guard number.isFinite else { throw JSON.Failure(pointer: "", message: "a number that is not finite") }
        let text = number.description
        raw(text.hasSuffix(".0") ? Substring(text.dropLast(2)).utf8 : Substring(text).utf8)
    }

    /// Writes what is JSON already.
    public mutating func raw(_ text: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: text)
    }

    // MARK: Members

    /// Writes a member that is a string or null.
    public mutating func member(_ name: String, _ text: String?) {
        self.name(name)
        if let text { value(text) } else { null() }
    }

    /// Writes a member that is a whole number or null.
    public mutating func member(_ name: String, _ number: Int?) {
        self.name(name)
        if let number { value(Int64(number)) } else { null() }
    }

    /// Writes a member that is true, false or null.
    public mutating func member(_ name: String, _ flag: Bool?) {
        self.name(name)
        if let flag { value(flag) } else { null() }
    }

    /// Writes a member that is a value of its own or null.
    ///
    /// - Throws: `JSON.Failure` for a number that JSON cannot write.
    public mutating func member(_ name: String, _ value: (some JSONWritable)?) throws(JSON.Failure) {
        self.name(name)
        if let value { try value.write(to: &self) } else { null() }
    }

    // MARK: Strings

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var written = 0
            for (place, byte) in utf8.enumerated() {
                guard let escape = Self.escape(byte) else { continue }
                bytes.append(contentsOf: utf8[written..<place])
                bytes.append(contentsOf: escape.utf8)
                written = place + 1
            }
            bytes.append(contentsOf: utf8[written...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// How a byte is written that must not stand for itself; nil for all others.
    private static func escape(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 0x20...: nil
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        case 0x08: "\\b"
        case 0x0C: "\\f"
        default: (byte < 16 ? "\\u000" : "\\u00") + String(byte, radix: 16)
        }
    }
}
