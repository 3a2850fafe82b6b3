// SPDX-License-Identifier: Apache-2.0

extension JSONSchema {
    /// The value with each part changed that the schema marks `secret`.
    ///
    /// The depth of the work is the depth of the schema. What the value has and the schema does not name stays.
    ///
    /// - Parameters:
    ///   - value: a value that fits the schema, or not.
    ///   - pointer: the JSON Pointer of the value.
    ///   - transform: is given each secret and its JSON Pointer.
    /// - Returns: the changed value.
    /// - Throws: what `transform` throws.
    public func mapSecrets<Failure: Error>(
        in value: JSONValue,
        at pointer: String = "",
        _ transform: (JSONValue, String) throws(Failure) -> JSONValue
    ) throws(Failure) -> JSONValue {
        try map(in: value, at: pointer, where: \.isSecret, transform)
    }

    /// The value with each part changed that the schema marks `object`: the names of stored objects.
    ///
    /// - Parameters:
    ///   - value: a value that fits the schema, or not.
    ///   - pointer: the JSON Pointer of the value.
    ///   - transform: is given each name and its JSON Pointer.
    /// - Returns: the changed value.
    /// - Throws: what `transform` throws.
    public func mapObjects<Failure: Error>(
        in value: JSONValue,
        at pointer: String = "",
        _ transform: (JSONValue, String) throws(Failure) -> JSONValue
    ) throws(Failure) -> JSONValue {
        try map(in: value, at: pointer, where: \.isObject, transform)
    }

    private func map<Failure: Error>(
        in value: JSONValue,
        at pointer: String,
        where isMarked: KeyPath<Rules, Bool>,
        _ transform: (JSONValue, String) throws(Failure) -> JSONValue
    ) throws(Failure) -> JSONValue {
        if rules[keyPath: isMarked] { return try transform(value, pointer) }
        switch value {
        case .object(let members):
            var changed = members
            for (name, member) in members {
                guard let schema = rules.properties[name] ?? rules.otherProperties.schema else { continue }
                let place = "\(pointer)/\(escapedForJSONPointer(name))"
                changed[name] = try schema.map(in: member, at: place, where: isMarked, transform)
            }
            return .object(changed)
        case .array(let elements):
            guard let schema = rules.items.schema else { return value }
            var changed: [JSONValue] = []
            for (index, element) in elements.enumerated() {
                changed.append(
                    try schema.map(in: element, at: "\(pointer)/\(index)", where: isMarked, transform)
                )
            }
            return .array(changed)
        case .null, .bool, .int, .double, .string: return value
        }
    }
}

extension JSONSchema.Others {
    /// The schema that each has to fit; nil where there is none.
    var schema: JSONSchema? {
        guard case .each(let schema) = self else { return nil }
        return schema
    }
}
