// SPDX-License-Identifier: Apache-2.0

extension JSONSchema {
    /// The value with the `default` of each member that is left out, wherever the schema has one.
    ///
    /// The depth of the work is the depth of the schema.
    ///
    /// - Parameter value: a value that fits the schema.
    /// - Returns: the fuller value.
    public func fillingDefaults(in value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            var full = members
            for (name, schema) in rules.properties {
                if let member = members[name] {
                    full[name] = schema.fillingDefaults(in: member)
                } else if let value = schema.rules.defaultValue {
                    full[name] = value
                }
            }
            return .object(full)
        case .array(let elements):
            guard case .each(let schema) = rules.items else { return value }
            return .array(elements.map(schema.fillingDefaults))
        case .null, .bool, .int, .double, .string: return value
        }
    }
}
