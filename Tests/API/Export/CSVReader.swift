// SPDX-License-Identifier: Apache-2.0

/// Reads comma-separated values as RFC 4180 has them, or with another separator as programs do that are told of it.
enum CSVReader {
    /// The records of a text; nil where it is none.
    static func records(_ text: String, separator: Unicode.Scalar = ",") -> [[String]]? {
        var records: [[String]] = []
        var record: [String] = []
        var cell = String.UnicodeScalarView()
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"" where isQuoted && scalars.first == "\"":
                scalars.removeFirst()
                cell.append("\"")
            case "\"" where isQuoted: isQuoted = false
            // Only at the beginning of a cell they mean something.
            case "\"" where cell.isEmpty: isQuoted = true
            case separator where !isQuoted:
                record.append(String(cell))
                cell = String.UnicodeScalarView()
            case "\r" where !isQuoted && scalars.first == "\n":
                scalars.removeFirst()
                records.append(record + [String(cell)])
                (record, cell) = ([], String.UnicodeScalarView())
            default: cell.append(scalar)
            }
        }
        return isQuoted || !cell.isEmpty || !record.isEmpty ? nil : records
    }
}
