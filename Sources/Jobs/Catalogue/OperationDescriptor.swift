// SPDX-License-Identifier: Apache-2.0

/// Whether an operation looks at a host or may change it.
public enum OperationKind: String, Codable, Sendable, CaseIterable, Hashable {
    /// It only looks.
    case read
    /// It may change the host.
    case modify
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

    /// Makes a descriptor of its parts.
    public init(type: String, kind: OperationKind, summary: String, schema: JSONValue) {
        self.type = type
        self.kind = kind
        self.summary = summary
        self.schema = schema
    }
}
