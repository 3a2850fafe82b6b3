// SPDX-License-Identifier: Apache-2.0

// Reading a schema: from JSON to rules, with no keyword passed over.

extension JSONSchema.Rules {
    init(_ schema: JSONValue, at pointer: String) throws(Fault) {
        if let takesAll = schema.bool {
            refusesAll = !takesAll
            return
        }
        guard let keywords = schema.object else {
            throw Fault(pointer: pointer, detail: "a schema is an object, true or false")
        }
        for (keyword, value) in keywords.sorted(by: { $0.key < $1.key }) {
            try take(keyword, value, at: "\(pointer)/\(escapedForJSONPointer(keyword))")
        }
    }

    private mutating func take(_ keyword: String, _ value: JSONValue, at place: String) throws(Fault) {
        switch keyword {
        case "title", "description", "examples", "writeOnly", "$schema", "$id", "$comment": break
        case "default": defaultValue = value
        case "format": format = value.string.flatMap(JSONSchemaFormat.init)
        case "secret": isSecret = value.bool == true
        case "references": isLiteral = value.bool == false
        case "object": isObject = value.bool == true
        case "type": types = try Self.types(value, at: place)
        case "properties": properties = try Self.schemas(value, at: place)
        case "required": required = try Self.names(value, at: place)
        case "additionalProperties": otherProperties = try Self.others(value, at: place)
        case "items": items = try Self.others(value, at: place)
        case "minItems": minItems = try Self.size(value, at: place)
        case "maxItems": maxItems = try Self.size(value, at: place)
        case "minLength": minLength = try Self.size(value, at: place)
        case "maxLength": maxLength = try Self.size(value, at: place)
        case "minimum": minimum = try Self.number(value, at: place)
        case "maximum": maximum = try Self.number(value, at: place)
        case "exclusiveMinimum": exclusiveMinimum = try Self.number(value, at: place)
        case "exclusiveMaximum": exclusiveMaximum = try Self.number(value, at: place)
        case "enum": try allow(try Self.list(value, at: place), at: place)
        case "const": try allow([value], at: place)
        default: throw Fault(pointer: place, detail: "the keyword '\(keyword)' is not supported")
        }
    }

    private mutating func allow(_ values: [JSONValue], at place: String) throws(Fault) {
        guard allowed == nil else { throw Fault(pointer: place, detail: "only one of enum and const") }
        allowed = values
    }

    private static func types(_ value: JSONValue, at place: String) throws(Fault) -> [JSONType] {
        let names = value.array ?? [value]
        let types = names.compactMap { $0.string.flatMap(JSONType.init(rawValue:)) }
        guard types.count == names.count, !types.isEmpty else {
            throw Fault(pointer: place, detail: "not the name of a type, nor a list of such names")
        }
        return types
    }

    private static func schemas(_ value: JSONValue, at place: String) throws(Fault) -> [String: JSONSchema] {
        guard let members = value.object else { throw Fault(pointer: place, detail: "must be an object of schemas") }
        var schemas: [String: JSONSchema] = [:]
        for (name, schema) in members {
            schemas[name] = try JSONSchema(schema, at: "\(place)/\(escapedForJSONPointer(name))")
        }
        return schemas
    }

    private static func others(_ value: JSONValue, at place: String) throws(Fault) -> JSONSchema.Others {
        switch value.bool {
        case true: .free
        case false: .refused
        case nil: .each(try JSONSchema(value, at: place))
        }
    }

    private static func names(_ value: JSONValue, at place: String) throws(Fault) -> [String] {
        let names = try list(value, at: place).compactMap(\.string)
        guard names.count == value.array?.count else { throw Fault(pointer: place, detail: "must be a list of names") }
        return names
    }

    private static func list(_ value: JSONValue, at place: String) throws(Fault) -> [JSONValue] {
        guard let elements = value.array else { throw Fault(pointer: place, detail: "must be a list") }
        return elements
    }

    private static func size(_ value: JSONValue, at place: String) throws(Fault) -> Int {
        guard let size = value.int.flatMap(Int.init(exactly:)), size >= 0 else {
            throw Fault(pointer: place, detail: "must be a whole number from 0")
        }
        return size
    }

    private static func number(_ value: JSONValue, at place: String) throws(Fault) -> Double {
        guard let number = value.number else { throw Fault(pointer: place, detail: "must be a number") }
        return number
    }
}
