// SPDX-License-Identifier: Apache-2.0

/// Numbers in target expressions and in the values that they are compared with.
enum TargetNumber {
    /// The number that `text` is, if all of it reads as a decimal number: `8`, `-2.5`, `1e9`.
    static func plain(_ text: String) -> Double? {
        // The initialiser of Double also takes "inf", "nan" and hexadecimal, which nobody means here.
        guard text.utf8.allSatisfy({ isDigit($0) || "+-.eE".utf8.contains($0) }) else { return nil }
        guard let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// The number that `text` is as a user writes it, with sizes: `4GiB` and `4G` are powers of 1024, `4GB` of 1000.
    static func withSize(_ text: String) -> Double? {
        if let number = plain(text) { return number }
        let unit = text.utf8.reversed().prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }.reversed()
        guard let factor = factors[String(decoding: unit, as: UTF8.self).lowercased()],
            let number = plain(String(decoding: text.utf8.dropLast(unit.count), as: UTF8.self))
        else { return nil }
        let product = number * factor
        return product.isFinite ? product : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static let factors: [String: Double] = {
        var factors: [String: Double] = [:]
        var binary = 1.0
        var decimal = 1.0
        for letter in ["k", "m", "g", "t", "p"] {
            binary *= 1024
            decimal *= 1000
            factors[letter] = binary
            factors[letter + "ib"] = binary
            factors[letter + "b"] = decimal
        }
        return factors
    }()
}
