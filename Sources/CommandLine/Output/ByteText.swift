// SPDX-License-Identifier: Apache-2.0

/// Bytes that should be UTF-8 and may not be, as text in which every byte that is none is visible: `caf<e9>`.
package struct ByteText: Hashable, Sendable, CustomStringConvertible {
    /// The text.
    package let description: String
    /// Whether most of it reads as text; an image or a compressed file does not.
    package let isMostlyText: Bool

    /// Reads bytes.
    package init(_ bytes: some Collection<UInt8>) {
        var text = ""
        var odd = 0
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        // The parser reads ahead, and tells of bytes that are no text only how many there are.
        var rest = bytes[...]
        parsing: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                text.unicodeScalars.append(scalar)
                if Self.isOdd(scalar) { odd += 1 }
                rest = rest.dropFirst(encoded.count)
            case .error(let length):
                for byte in rest.prefix(length) { text += "<\(byte < 16 ? "0" : "")\(String(byte, radix: 16))>" }
                odd += length
                rest = rest.dropFirst(length)
            case .emptyInput:
                break parsing
            }
        }
        description = text
        isMostlyText = odd * 4 <= bytes.count
    }

    /// Whether text seldom has the character; escape is common in what programs write for a terminal.
    private static func isOdd(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 && !"\n\t\r\u{1B}".unicodeScalars.contains(scalar)
    }
}
