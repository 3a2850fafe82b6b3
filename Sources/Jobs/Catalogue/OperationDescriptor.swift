// SPDX-License-Identifier: Apache-2.0

/// Whether an operation looks at a host or may change it.
public enum OperationKind: String, Codable, Sendable, CaseIterable, Hashable {
    /// It only looks.
    case read
    /// It may change the host.
    case modify
}

/// A use of an operation that is worth showing.
public struct OperationExample: Codable, Hashable, Sendable {
    /// What it does, in a few words.
    public let title: String
    /// The parameters.
    public let data: JSONValue

    /// Makes an example of its parts.
    public init(_ title: String, _ data: JSONValue) {
        self.title = title
        self.data = data
    }
}

/// What there is to know of an operation before using it, as the API shows it.
public struct OperationDescriptor: Codable, Hashable, Sendable {
    /// Its name: `command.exec`.
    public let type: String
    /// Whether it looks or changes.
    public let kind: OperationKind
    /// A sentence on what it does.
    public let summary: String
    /// The JSON Schema (draft 2020-12) of its parameters.
    public let schema: JSONValue
    /// The JSON Schema of the data of a run that went well.
    public let result: JSONValue
    /// Whether it can say beforehand what it would do; one that only looks can always be run.
    public let dryRun: Bool
    /// How long a run may take where its parameters do not say, in milliseconds.
    public internal(set) var limitMs: Int64 = 0
    /// Uses of it.
    public let examples: [OperationExample]

    /// Makes a descriptor of its parts.
    public init(
        type: String,
        kind: OperationKind,
        summary: String,
        schema: JSONValue,
        result: JSONValue = ["type": "object"],
        dryRun: Bool? = nil,
        examples: [OperationExample] = []
    ) {
        self.type = type
        self.kind = kind
        self.summary = summary
        self.schema = schema
        self.result = result
        self.dryRun = dryRun ?? (kind == .read)
        self.examples = examples
    }

    enum CodingKeys: String, CodingKey {
        case type
        case kind
        case summary
        case schema
        case result
        case dryRun = "dry_run"
        case limitMs = "limit_ms"
        case examples
    }
}
