// SPDX-License-Identifier: Apache-2.0

/// A JSON Schema (draft 2020-12) of the part that operations need, read once and checked against many values.
///
/// A keyword outside that part makes ``init(_:)`` throw: a schema is shown to people and programs, so it must not
/// promise what is not checked. Known are `type`, `properties`, `required`, `additionalProperties`, `items`,
/// `minItems`, `maxItems`, `minLength`, `maxLength`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`,
/// `enum`, `const`, and `format` where it is a ``JSONSchemaFormat``; annotations (`title`, `description`, `default`,
/// `examples`, other formats, `writeOnly`, `$schema`, `$id`, `$comment`) are allowed and have no effect on what fits.
/// Three keywords are our own. Where `secret` is true, a sealed value (``JSONValue/isSealed``) fits as well, whatever it was
/// before it was sealed. Where `object` is true, a text is the name of a stored object, and what it stood for at the job's
/// submission (``ObjectReference``) fits as well. Where `references` is false, a text is taken as it is, and no ``Reference`` in it is replaced.
/// `true` and `false` are schemas that take everything and nothing.
///
/// ```swift
/// let schema = try JSONSchema(["type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"]])
/// schema.faults(in: ["n": "x"])  // [Fault(pointer: "/n", detail: "must be a whole number, not a string")]
/// ```
public struct JSONSchema: Hashable, Sendable {
    /// The most faults that one check reports.
    public static let maximumFaults = 20

    /// The schema as it was given.
    public let json: JSONValue
    let rules: Rules

    /// Reads a schema.
    ///
    /// - Parameter schema: the schema as a JSON value.
    /// - Throws: a ``Fault`` that points into the schema, where it holds an unknown keyword or a keyword of the wrong
    ///   shape.
    public init(_ schema: JSONValue) throws(Fault) {
        try self.init(schema, at: "")
    }

    init(_ schema: JSONValue, at pointer: String) throws(Fault) {
        json = schema
        rules = try Rules(schema, at: pointer)
    }

    /// What is wrong with `value`.
    ///
    /// - Parameters:
    ///   - value: the value to check.
    ///   - pointer: the JSON Pointer of the value in the document that the user sent.
    ///   - references: whether a ``Reference`` fits wherever one is replaced, since what comes in its place is not known.
    /// - Returns: the faults, members in the order of their names, at most ``maximumFaults``; empty if the value fits.
    public func faults(in value: JSONValue, at pointer: String = "", allowing references: Bool = false) -> [Fault] {
        var check = JSONSchemaCheck(allowsReferences: references)
        check.check(value, self, at: pointer)
        return check.faults
    }
}

extension JSONSchema {
    /// What a schema says of elements or of members that are not named.
    indirect enum Others: Hashable, Sendable {
        /// Nothing.
        case free
        /// That there must be none.
        case refused
        /// That each fits a schema.
        case each(JSONSchema)
    }

    /// The keywords of a schema.
    struct Rules: Hashable, Sendable {
        var refusesAll = false
        var isSecret = false
        /// Whether a text is the name of a stored object.
        var isObject = false
        /// Whether a text is taken as it is, with no reference in it replaced.
        var isLiteral = false
        var defaultValue: JSONValue?
        var format: JSONSchemaFormat?
        var types: [JSONType] = []
        var properties: [String: JSONSchema] = [:]
        var required: [String] = []
        var otherProperties = Others.free
        var items = Others.free
        var minItems: Int?
        var maxItems: Int?
        var minLength: Int?
        var maxLength: Int?
        var minimum: Double?
        var maximum: Double?
        var exclusiveMinimum: Double?
        var exclusiveMaximum: Double?
        var allowed: [JSONValue]?
    }
}

extension JSONSchema: Codable {
    /// Reads the schema as a JSON value.
    public init(from decoder: any Decoder) throws {
        let json = try JSONValue(from: decoder)
        do {
            try self.init(json)
        } catch {
            let text = "\(error.pointer): \(error.detail)"
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: text))
        }
    }

    /// Writes the schema as it was given.
    public func encode(to encoder: any Encoder) throws {
        try json.encode(to: encoder)
    }
}

/// The types that a schema can ask for.
enum JSONType: String, Hashable, Sendable {
    case null, boolean, integer, number, string, array, object

    /// The type in words, as in "must be …".
    var name: String {
        switch self {
        case .null: "null"
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// Whether `value` is of this type; `3.0` is a whole number.
    func takes(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.string, .string), (.array, .array), (.object, .object),
            (.number, .int), (.number, .double), (.integer, .int):
            true
        case (.integer, .double(let number)): number.rounded() == number
        default: false
        }
    }

    /// The narrowest type of `value`.
    init(of value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool: self = .boolean
        case .int, .double: self = .number
        case .string: self = .string
        case .array: self = .array
        case .object: self = .object
        }
    }
}
