// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The parameters of the operations that edit lines of a text file.
protocol FileEditingParameters: FileWritingParameters {
    var state: EditState { get }
    var insertAfter: String? { get }
    var insertBefore: String? { get }
    var create: Bool { get }
}

/// Whether what is edited is to be there.
enum EditState: String, Decodable, Sendable {
    case present, absent
}

/// Where in a text new lines go.
enum EditPlace: Sendable {
    case beginning
    case end
    case after(LinePattern)
    case before(LinePattern)

    /// Reads what the parameters say.
    init(_ parameters: some FileEditingParameters) throws(OperationError) {
        switch (parameters.insertAfter, parameters.insertBefore) {
        case ("EOF", _), (nil, nil): self = .end
        case (_, "BOF"): self = .beginning
        case (let text?, _): self = .after(try LinePattern.checked(text))
        case (nil, let text?): self = .before(try LinePattern.checked(text))
        }
    }

    /// The line in front of which the new ones go.
    func index(in lines: TextLines, _ context: OperationContext) throws(OperationError) -> Int {
        switch self {
        case .beginning: 0
        case .end: lines.count
        case .after(let pattern): try lines.lastIndex(matching: pattern, in: context).map { $0 + 1 } ?? lines.count
        case .before(let pattern): try lines.lastIndex(matching: pattern, in: context) ?? lines.count
        }
    }
}

extension LinePattern {
    /// A pattern of parameters that were checked already.
    static func checked(_ text: String) throws(OperationError) -> LinePattern {
        do throws(Failure) {
            return try LinePattern(text)
        } catch {
            throw OperationError("invalid_parameters", "the pattern '\(text)': \(error)")
        }
    }
}

extension FileEditingParameters {
    /// The plan of an edit.
    ///
    /// - Parameters:
    ///   - context: runs the program that checks it.
    ///   - edit: changes the lines.
    /// - Returns: the plan; nothing where what is to be absent would be in a file that is not there.
    /// - Throws: ``OperationError`` where there is no file and none is to be made, and what `edit` throws.
    func plan(
        in context: OperationContext,
        _ edit: (inout TextLines) throws(OperationError) -> Void
    ) async throws(OperationError) -> Plan {
        let target = try FileTarget(self)
        guard let old = try target.content(orEmptyIf: create && state == .present) else {
            guard state == .absent else {
                throw OperationError("not_found", "there is no file '\(target.path)'; use 'create' to have it made")
            }
            return .nothing(["path": .string(target.path)])
        }
        var lines = TextLines(old)
        try edit(&lines)
        return try await target.plan(.bytes(lines.bytes), in: context)
    }
}
