// SPDX-License-Identifier: Apache-2.0

/// Comma-separated values (RFC 4180) that can be opened in a spreadsheet, whoever has chosen what is in them.
///
/// A spreadsheet takes a cell for a formula that begins with one of a few characters, and formulas can call programs and send
/// what other cells have elsewhere. Such a cell gets a `'` before it, as OWASP has it ("CSV Injection"), and so does what
/// would begin a cell for a program that goes by other separators than commas: semicolons in many countries, tabs, line breaks
/// where it does not honour the quotes. Cells are quoted unless they are plain words.
struct SpreadsheetText: Sendable {
    /// What has been written.
    private(set) var bytes: [UInt8] = []
    private var isAtStartOfLine = true

    /// What says that the text is UTF-8, to those who would take it for something else.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Takes what has been written.
    mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// Writes a cell of this program's own making: a number, a time, or nothing.
    mutating func append(plain text: some StringProtocol) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes a cell of anybody's making.
    mutating func append(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { text in
            if text.allSatisfy(Self.isPlain), text.first != UInt8(ascii: "-") {
                bytes.append(contentsOf: text)
            } else {
                quote(text)
            }
        }
    }

    /// Ends the line.
    mutating func endLine() {
        bytes.append(contentsOf: "\r\n".utf8)
        isAtStartOfLine = true
    }

    private mutating func separate() {
        if !isAtStartOfLine { bytes.append(UInt8(ascii: ",")) }
        isAtStartOfLine = false
    }

    private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        if let first = text.first, Self.isSeparator(first), first != UInt8(ascii: ";") {
            bytes.append(UInt8(ascii: "'"))
        }
        // Whether a cell would begin here for somebody; quotes before it do not change that.
        var isStart = true
        for (place, byte) in text.enumerated() {
            if isStart, Self.beginsFormula(text[place...]) { bytes.append(UInt8(ascii: "'")) }
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: [byte, byte])
            // Readers end at it.
            case 0: bytes.append(contentsOf: "\u{FFFD}".utf8)
            default: bytes.append(byte)
            }
            isStart = Self.isSeparator(byte) || (isStart && byte == UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        [UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(byte)
    }

    /// Whether a text begins as formulas do: with `=`, `+`, `-` or `@`, or one of them in full width.
    private static func beginsFormula(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        switch text.first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"): true
        case 0xEF: ["\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"].contains { text.starts(with: $0.utf8) }
        default: false
        }
    }
}
