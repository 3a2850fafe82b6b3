// SPDX-License-Identifier: Apache-2.0

/// Which bytes of a file a request asks for, by its header `Range` (RFC 9110, section 14.2).
enum ByteRange: Hashable, Sendable {
    /// All of them: nothing was said, or something that may be passed over, such as several ranges or other units.
    case whole
    /// These.
    case part(Range<Int64>)
    /// None that there are.
    case unsatisfiable

    /// Reads a header.
    ///
    /// - Parameters:
    ///   - header: the header's value; nil where there is none.
    ///   - size: how many bytes there are.
    init(_ header: String?, of size: Int64) {
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else {
            self = .whole
            return
        }
        let sides = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard sides.count == 2, let ends = Self.ends(sides[0], sides[1], size) else {
            self = .whole
            return
        }
        self = ends.first < size && ends.first <= ends.last ? .part(ends.first..<ends.last + 1) : .unsatisfiable
    }

    /// The first and the last byte; nil for what is no range.
    private static func ends(_ first: Substring, _ last: Substring, _ size: Int64) -> (first: Int64, last: Int64)? {
        if first.isEmpty {
            guard let count = number(last) else { return nil }
            return count == 0 ? (size, size - 1) : (max(0, size - count), size - 1)
        }
        guard let first = number(first) else { return nil }
        if last.isEmpty { return (first, size - 1) }
        guard let last = number(last), last >= first else { return nil }
        return (first, min(last, size - 1))
    }

    private static func number(_ text: Substring) -> Int64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int64(text) : nil
    }
}
