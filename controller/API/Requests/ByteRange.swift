// SPDX-License-Identifier: Apache-2.0

/// Which part of a body a request asks for (RFC 9110, section 14).
enum ByteRange: Equatable {
    /// All of it: nothing is asked for, or what a server may pass over, such as several parts at once.
    case whole
    /// The bytes at these places.
    case part(Range<Int>)
    /// A part behind the end.
    case unsatisfiable

    /// Reads the field `Range` of a request for a body of `size` bytes.
    init(_ field: String?, size: Int) {
        let sides = field?.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) ?? []
        guard sides.count == 2, sides[0].lowercased() == "bytes" else {
            self = .whole
            return
        }
        let ends = sides[1].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.place(ends[0]), let last = Self.place(ends[1]) else {
            self = .whole
            return
        }
        self = Self.range(first, last, size: size)
    }

    /// The range between two numbers.
    ///
    /// - Parameters:
    ///   - first: the place of the first byte; nil where the last bytes are asked for.
    ///   - last: the place of the last byte, nil for that of the body; or how many bytes of the end.
    ///   - size: how many bytes there are.
    /// - Returns: the range.
    private static func range(_ first: Int?, _ last: Int?, size: Int) -> ByteRange {
        switch (first, last) {
        case (nil, nil): .whole
        case (nil, let count?):
            // The end of nothing is all of it, and cannot be said as a part.
            count == 0 ? .unsatisfiable : size == 0 ? .whole : .part(max(0, size - count)..<size)
        case (let first?, let last?) where last < first: .whole
        case (let first?, _) where first >= size: .unsatisfiable
        case (let first?, let last): .part(first..<(last.map { min($0, size - 1) } ?? size - 1) + 1)
        }
    }

    /// A number, as far as there are bytes; nil within for none, nil for what is no number.
    private static func place(_ text: some StringProtocol) -> Int?? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return .some(text.isEmpty ? nil : Int(text) ?? .max)
    }
}
