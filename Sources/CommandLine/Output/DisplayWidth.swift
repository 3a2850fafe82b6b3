// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// How many columns of a terminal the text takes, near enough: two for East Asian wide characters and emoji.
    package var displayWidth: Int {
        reduce(0) { $0 + $1.displayWidth }
    }

    /// The text cut to `width` columns, with `…` for what was cut off.
    package func clipped(to width: Int) -> String {
        guard displayWidth > width else { return String(self) }
        guard width > 0 else { return "" }
        var clipped = ""
        var used = 0
        for character in self {
            used += character.displayWidth
            guard used < width else { break }
            clipped.append(character)
        }
        return clipped + "…"
    }
}

extension Character {
    /// How many columns of a terminal the character takes.
    var displayWidth: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x0300...0x036F, 0x200B...0x200D, 0xFE00...0xFE0F: return 0
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
