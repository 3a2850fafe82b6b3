// SPDX-License-Identifier: Apache-2.0

/// Comma-separated values as RFC 4180 has them.
///
/// Cells are written as they are. One that begins with `=`, `+`, `-` or `@` is a formula to some spreadsheets; whoever
/// opens output of hosts in one should import it as text.
package enum CSV {
    /// One record, without its line break.
    ///
    /// What is not known is an empty field.
    package static func record(_ fields: [String?]) -> String {
        fields.map { field($0 ?? "") }.joined(separator: ",")
    }

    /// A record's end: RFC 4180 asks for both characters.
    package static let lineBreak = "\r\n"

    private static func field(_ text: String) -> String {
        // By scalars: as a Character, "\r\n" is neither of the two.
        let needsQuotes = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        guard needsQuotes || text.first == " " || text.last == " " else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
