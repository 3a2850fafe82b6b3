// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A text as lines, of bytes in any encoding that has ASCII in it.
///
/// What is not touched stays as it is, byte for byte; new lines end as the first one does.
struct TextLines {
    private var raw: [ArraySlice<UInt8>]
    private var endsWithNewline: Bool
    private let hasCarriageReturns: Bool

    /// Takes a text apart.
    init(_ bytes: [UInt8]) {
        raw = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        endsWithNewline = raw.last?.isEmpty ?? true
        if endsWithNewline { raw.removeLast() }
        hasCarriageReturns = raw.first?.last == UInt8(ascii: "\r")
    }

    /// The text.
    var bytes: [UInt8] {
        var bytes = Array(raw.joined(separator: [UInt8(ascii: "\n")]))
        if endsWithNewline, !raw.isEmpty { bytes.append(UInt8(ascii: "\n")) }
        return bytes
    }

    var count: Int { raw.count }

    /// A line without its end.
    subscript(index: Int) -> ArraySlice<UInt8> {
        let line = raw[index]
        return hasCarriageReturns && line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }

    /// The first line that is this one; nil for none.
    func firstIndex(of line: [UInt8]) -> Int? {
        raw.indices.first { self[$0].elementsEqual(line) }
    }

    /// The last line in which a pattern is found; nil for none.
    func lastIndex(matching pattern: LinePattern, in context: OperationContext) throws(OperationError) -> Int? {
        for index in raw.indices.reversed() {
            let isFound = try pattern.isFound(in: self[index]) { () throws(OperationError) in try context.checkTime() }
            if isFound { return index }
        }
        return nil
    }

    /// Takes lines away.
    mutating func removeAll(
        where isGone: (ArraySlice<UInt8>) throws(OperationError) -> Bool
    ) throws(OperationError) {
        var kept: [ArraySlice<UInt8>] = []
        var isLastKept = true
        for index in raw.indices {
            isLastKept = !(try isGone(self[index]))
            if isLastKept { kept.append(raw[index]) }
        }
        raw = kept
        if !isLastKept { endsWithNewline = true }
    }

    /// Puts lines in the place of others; at the end as well, after a last line without an end.
    mutating func replace(_ range: Range<Int>, with lines: [[UInt8]]) {
        let isEnd = range.upperBound == raw.count
        let end: [UInt8] = hasCarriageReturns ? [UInt8(ascii: "\r")] : []
        raw.replaceSubrange(range, with: lines.map { ArraySlice($0 + end) })
        // A last line that is replaced by another one keeps its missing end; one that is new, or was not the last, has one.
        if isEnd, range.count != lines.count { endsWithNewline = true }
    }
}
