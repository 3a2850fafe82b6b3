// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A content in which each host puts something of its own.
///
/// `{{fact.NAME}}`, `{{label.NAME}}` and `{{var.NAME}}` are replaced, and `{{{{` stands for `{{`. All else between doubled
/// braces is a mistake: what is not replaced would end up in a file and be noticed by nobody.
struct FileTemplate: Sendable {
    private static let open = Array("{{".utf8)
    private static let close = Array("}}".utf8)

    /// The facts and labels of the host.
    let values: Reference.Values
    /// The variables of the job.
    let variables: [String: String]

    /// The content with everything replaced.
    ///
    /// - Throws: ``OperationError`` with the line of what is not known.
    func rendered(_ content: [UInt8]) throws(OperationError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(content.count)
        var index = 0
        while index < content.count {
            guard content[index...].starts(with: Self.open) else {
                result.append(content[index])
                index += 1
                continue
            }
            if content[(index + 2)...].starts(with: Self.open) {
                result += Self.open
                index += 4
                continue
            }
            let line = 1 + content[..<index].count { $0 == UInt8(ascii: "\n") }
            guard let end = Self.end(of: content[(index + 2)...]) else { throw Self.failure(line, Self.howTo) }
            let name = String(decoding: content[(index + 2)..<end], as: UTF8.self)
            result += Array(try value(of: name, line: line).utf8)
            index = end + 2
        }
        return result
    }

    /// Where the doubled braces close on the same line.
    private static func end(of content: ArraySlice<UInt8>) -> Int? {
        var index = content.startIndex
        while index < content.endIndex, content[index] != UInt8(ascii: "\n") {
            if content[index...].starts(with: close) { return index }
            index += 1
        }
        return nil
    }

    private func value(of place: String, line: Int) throws(OperationError) -> String {
        var place = Substring(place)
        while place.first == " " { place = place.dropFirst() }
        while place.last == " " { place = place.dropLast() }
        let parts = place.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else { throw Self.failure(line, Self.howTo) }
        switch parts[0] {
        case "var":
            guard let value = variables[parts[1]] else {
                throw Self.failure(line, "the job gives no variable '\(parts[1])'")
            }
            return value
        case "fact", "label":
            guard let value = Reference.value(parts[0], parts[1], in: values) else {
                throw Self.failure(line, "this host has no \(parts[0]) '\(parts[1])'")
            }
            return Reference.textOf(value)
        default: throw Self.failure(line, Self.howTo)
        }
    }

    private static let howTo =
        "after '{{' comes fact.NAME, label.NAME or var.NAME, and '}}' on the same line; write '{{{{' for '{{'"

    private static func failure(_ line: Int, _ text: String) -> OperationError {
        OperationError("invalid_template", "line \(line): \(text)")
    }
}
