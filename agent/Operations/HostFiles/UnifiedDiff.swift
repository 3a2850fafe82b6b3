// SPDX-License-Identifier: Apache-2.0

/// The difference of two texts as `diff -u` writes it (POSIX.1-2017, utility `diff`, "Diff -u Output Format").
package enum UnifiedDiff {
    /// The most bytes of a diff that a run tells.
    static let maximumBytes = 65_536
    /// Where more lines than these lie between the first and the last difference, all of them count as changed: comparing
    /// them takes memory in proportion to the square of the changes.
    private static let maximumComparedLines = 2000
    private static let context = 3

    /// The difference of a file's two contents; empty if there is none.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - before: what it holds; nil if there is none.
    ///   - after: what it will hold; nil if there will be none.
    /// - Returns: the diff; one line that says so where either is no text.
    package static func between(_ path: String, _ before: [UInt8]?, _ after: [UInt8]?) -> String {
        guard before != after else { return "" }
        guard let old = String(validating: before ?? [], as: UTF8.self),
            let new = String(validating: after ?? [], as: UTF8.self), !old.contains("\0"), !new.contains("\0")
        else { return "Binary files \(path) differ\n" }
        let oldLines = lines(of: old)
        let newLines = lines(of: new)
        let head = "--- \(before == nil ? "/dev/null" : path)\n+++ \(after == nil ? "/dev/null" : path)\n"
        return head + hunks(edits(from: oldLines, to: newLines)).joined()
    }

    /// A diff cut at the end of a line so that it has at most ``maximumBytes``, with a line that says so.
    static func cut(_ diff: String) -> String {
        guard diff.utf8.count > maximumBytes else { return diff }
        let kept = String(decoding: diff.utf8.prefix(maximumBytes), as: UTF8.self)
        let end = kept.lastIndex(of: "\n").map { kept.index(after: $0) } ?? kept.endIndex
        return kept[..<end] + "… cut: \(diff.utf8.count) bytes in all\n"
    }

    /// A line of the one text, the other, or both.
    private struct Edit {
        let sign: Character
        let line: Substring

        var isInOld: Bool { sign != "+" }
        var isInNew: Bool { sign != "-" }
    }

    /// The lines with their ends, so that a last line without one differs from one that has it.
    private static func lines(of text: String) -> [Substring] {
        var lines: [Substring] = []
        var start = text.startIndex
        while start < text.endIndex {
            let end = text.utf8[start...].firstIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) }
            lines.append(text[start..<(end ?? text.endIndex)])
            start = end ?? text.endIndex
        }
        return lines
    }

    private static func edits(from old: [Substring], to new: [Substring]) -> [Edit] {
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let middle = editsOfMiddle(old[head..<(old.count - tail)], new[head..<(new.count - tail)])
        return old[..<head].map { Edit(sign: " ", line: $0) } + middle
            + old[(old.count - tail)...].map { Edit(sign: " ", line: $0) }
    }

    private static func editsOfMiddle(_ old: ArraySlice<Substring>, _ new: ArraySlice<Substring>) -> [Edit] {
        guard old.count + new.count <= maximumComparedLines else {
            return old.map { Edit(sign: "-", line: $0) } + new.map { Edit(sign: "+", line: $0) }
        }
        return merged(Array(old), Array(new))
    }

    private static func merged(_ old: [Substring], _ new: [Substring]) -> [Edit] {
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var edits: [Edit] = []
        var (oldIndex, newIndex) = (0, 0)
        while oldIndex < old.count || newIndex < new.count {
            if oldIndex < old.count, removed.contains(oldIndex) {
                edits.append(Edit(sign: "-", line: old[oldIndex]))
                oldIndex += 1
            } else if newIndex < new.count, inserted.contains(newIndex) {
                edits.append(Edit(sign: "+", line: new[newIndex]))
                newIndex += 1
            } else {
                edits.append(Edit(sign: " ", line: old[oldIndex]))
                oldIndex += 1
                newIndex += 1
            }
        }
        return edits
    }

    /// The changes with three lines around each, those that touch in one hunk.
    private static func hunks(_ edits: [Edit]) -> [String] {
        var ranges: [Range<Int>] = []
        for (index, edit) in edits.enumerated() where edit.sign != " " {
            let range = max(0, index - context)..<min(edits.count, index + context + 1)
            if let last = ranges.last, range.lowerBound <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        return ranges.map { hunk(edits, $0) }
    }

    private static func hunk(_ edits: [Edit], _ range: Range<Int>) -> String {
        let before = edits[..<range.lowerBound]
        let part = edits[range]
        let old = span(start: before.count(where: \.isInOld), count: part.count(where: \.isInOld))
        let new = span(start: before.count(where: \.isInNew), count: part.count(where: \.isInNew))
        var text = "@@ -\(old) +\(new) @@\n"
        for edit in part {
            text.append(edit.sign)
            text += edit.line
            if edit.line.utf8.last != UInt8(ascii: "\n") { text += "\n\\ No newline at end of file\n" }
        }
        return text
    }

    private static func span(start: Int, count: Int) -> String {
        // An empty span is named by the line before it.
        let first = count == 0 ? start : start + 1
        return count == 1 ? "\(first)" : "\(first),\(count)"
    }
}
