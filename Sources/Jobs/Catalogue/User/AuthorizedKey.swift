// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A line of `authorized_keys` (sshd(8)): options, the type of the key, the key in base64, and a comment.
package struct AuthorizedKey: Hashable, Sendable {
    /// What the key may be used for; nil for everything.
    package var options: String?
    /// The type: `ssh-ed25519`.
    package let type: String
    /// The key in base64.
    package let key: String
    /// What people call it; may be empty.
    package var comment: String

    /// Reads a line; nil for one without a key.
    package init?(line: String) {
        let text = line.drop(while: Self.isBlank)
        guard !text.hasPrefix("#"), !text.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) else {
            return nil
        }
        if let (type, key, comment) = Self.parts(text) {
            (self.type, self.key, self.comment) = (type, key, comment)
            return
        }
        let end = Self.endOfOptions(text)
        guard end > text.startIndex, let (type, key, comment) = Self.parts(text[end...].drop(while: Self.isBlank))
        else {
            return nil
        }
        (self.type, self.key, self.comment) = (type, key, comment)
        options = String(text[..<end])
    }

    /// The line, without its end.
    package var line: String {
        [options, type, key, comment.isEmpty ? nil : comment].compactMap { $0 }.joined(separator: " ")
    }

    /// Whether the two let the same people in.
    package func isSame(as other: AuthorizedKey) -> Bool {
        type == other.type && key == other.key
    }

    /// Whether a text can stand before a key as its options: quotes are closed, and no white space is outside of them.
    package static func areOptions(_ text: String) -> Bool {
        !text.isEmpty && endOfOptions(text[...]) == text.endIndex && parts("\(text) x"[...]) == nil
            && !text.utf8.contains { $0 < 0x20 || $0 == 0x7f } && quotesAreClosed(text)
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }

    private static func parts(_ text: Substring) -> (type: String, key: String, comment: String)? {
        let words = text.split(maxSplits: 2, whereSeparator: isBlank)
        guard words.count > 1, isKey(String(words[1]), type: String(words[0])) else { return nil }
        var comment = words.count > 2 ? words[2] : ""
        while let last = comment.last, isBlank(last) || last == "\r" { comment.removeLast() }
        return (String(words[0]), String(words[1]), String(comment.drop(while: isBlank)))
    }

    /// The key in base64 begins with its own type (RFC 4253, section 6.6).
    private static func isKey(_ key: String, type: String) -> Bool {
        guard let bytes = Data(base64Encoded: key), bytes.count > 4 + type.utf8.count else { return false }
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        return length == type.utf8.count && Array(bytes.dropFirst(4).prefix(length)) == Array(type.utf8)
    }

    private static func endOfOptions(_ text: Substring) -> Substring.Index {
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            if isQuoted, character == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            if !isQuoted, isBlank(character) { return index }
            isEscaped = false
        }
        return text.endIndex
    }

    private static func quotesAreClosed(_ text: String) -> Bool {
        // A blank after a text whose quotes are open belongs to them.
        endOfOptions("\(text) x"[...]) == "\(text) x".index("\(text) x".endIndex, offsetBy: -2)
    }
}
