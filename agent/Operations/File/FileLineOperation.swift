// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `file.line`: a line that a text file has, or has not.
struct FileLineOperation: ModifyOperation {
    let type = "file.line"

    struct Parameters: FileEditingParameters, Decodable, Sendable {
        let path: String
        let line: String?
        let match: String?
        let state: EditState
        let insertAfter: String?
        let insertBefore: String?
        let create: Bool
        let owner: FileOwner?
        let group: FileOwner?
        let mode: String?
        let backup: Bool
        let validate: [String]?
        let follow: Bool
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let edit = try LineEdit(parameters)
        return try await parameters.plan(in: context) { (lines: inout TextLines) throws(OperationError) in
            try edit.apply(to: &lines, context)
        }
    }
}

/// An edit of one line.
private struct LineEdit {
    private let line: [UInt8]?
    private let pattern: LinePattern?
    private let state: EditState
    private let place: EditPlace

    init(_ parameters: FileLineOperation.Parameters) throws(OperationError) {
        line = parameters.line.map { Array($0.utf8) }
        if let match = parameters.match { pattern = try LinePattern.checked(match) } else { pattern = nil }
        state = parameters.state
        place = try EditPlace(parameters)
    }

    func apply(to lines: inout TextLines, _ context: OperationContext) throws(OperationError) {
        switch state {
        case .absent: try remove(from: &lines, context)
        case .present: if let line { try insert(line, into: &lines, context) }
        }
    }

    private func remove(from lines: inout TextLines, _ context: OperationContext) throws(OperationError) {
        try lines.removeAll { present throws(OperationError) in
            if let line, present.elementsEqual(line) { return true }
            guard let pattern else { return false }
            return try pattern.isFound(in: present) { () throws(OperationError) in try context.checkTime() }
        }
    }

    private func insert(
        _ line: [UInt8],
        into lines: inout TextLines,
        _ context: OperationContext
    ) throws(OperationError) {
        // Where the pattern is not found in the new line, what it is still found in after the first time is none of ours:
        // each run would replace one more.
        let isThere = lines.firstIndex(of: line) != nil
        if isThere, !(pattern?.isFound(in: line) ?? false) { return }
        if let pattern, let index = try lines.lastIndex(matching: pattern, in: context) {
            if !lines[index].elementsEqual(line) { lines.replace(index..<(index + 1), with: [line]) }
            return
        }
        if isThere { return }
        let index = try place.index(in: lines, context)
        lines.replace(index..<index, with: [line])
    }
}
