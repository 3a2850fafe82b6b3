// SPDX-License-Identifier: Apache-2.0

/// A parameter that names a stored object: its name where a job is submitted, and from then on what it stood for.
///
/// The controller puts `{"name": …, "sha256": …, "size": …}` in the place of the name before the job is stored and signed,
/// so that a run gets the bytes that were there at submission, whatever becomes of the name, and the agent can verify them.
public struct ObjectReference: Codable, Hashable, Sendable {
    /// The name.
    public let name: String
    /// The SHA-256 of the bytes; nil before the name was resolved.
    public let sha256: String?
    /// How many bytes there are; nil before the name was resolved.
    public let size: Int64?

    /// Makes a reference that is resolved.
    public init(name: String, sha256: String, size: Int64) {
        self.name = name
        self.sha256 = sha256
        self.size = size
    }

    /// Makes a reference that has yet to be resolved.
    public init(name: String) {
        self.name = name
        sha256 = nil
        size = nil
    }

    /// Reads a parameter; nil for what is neither a name nor a resolved reference.
    public init?(_ value: JSONValue) {
        if let name = value.string {
            guard ObjectName.fault(in: name) == nil else { return nil }
            self.init(name: name)
            return
        }
        guard let members = value.object, members.count == 3, let name = members["name"]?.string,
            let sha256 = members["sha256"]?.string, let size = members["size"]?.int, size >= 0,
            ObjectName.fault(in: name) == nil, JSONSchemaFormat.sha256.fault(in: sha256) == nil
        else { return nil }
        self.init(name: name, sha256: sha256, size: size)
    }

    /// Reads a parameter.
    ///
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        guard let reference = ObjectReference(try JSONValue(from: decoder)) else {
            let text = "no name of an object"
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: text))
        }
        self = reference
    }

    /// Writes the parameter.
    public func encode(to encoder: any Encoder) throws {
        try json.encode(to: encoder)
    }

    /// The parameter.
    public var json: JSONValue {
        guard let sha256, let size else { return .string(name) }
        return ["name": .string(name), "sha256": .string(sha256), "size": .int(size)]
    }
}
