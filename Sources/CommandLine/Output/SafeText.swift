// SPDX-License-Identifier: Apache-2.0

// What comes from hosts can hold anything. A terminal would take escape sequences in it as orders: to change its title,
// to rewrite what was shown, to type. So they are made visible before they reach one.

/// What of a text stays as it is.
package enum SafeText: Sendable {
    /// A text of one line, for a cell: line breaks and tabs are made visible too.
    case line
    /// A text of many lines: line breaks and tabs stay.
    case block

    /// The text with every control character and every character that turns the direction of writing made visible:
    /// `^[` for escape, `<9b>` for the eight-bit controls, `<202e>` for the rest.
    package func made(of text: some StringProtocol) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return String(text) }
        var safe = ""
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            // A line of a file from elsewhere ends with both.
            if self == .block, scalar == "\n", previous == "\r" { safe.removeLast(2) }
            if isUnsafe(scalar) { safe += visible(scalar) } else { safe.unicodeScalars.append(scalar) }
            previous = scalar
        }
        return safe
    }

    private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: self == .line
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    private func visible(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0x0A where self == .line: "⏎"
        case 0x00...0x1F: "^\(Unicode.Scalar(UInt8(scalar.value + 0x40)))"
        case 0x7F: "^?"
        default: "<\(String(scalar.value, radix: 16))>"
        }
    }
}
