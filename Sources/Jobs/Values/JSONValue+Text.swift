// SPDX-License-Identifier: Apache-2.0

extension JSONValue: JSONWritable {
    /// Writes the value, the members of objects in the order of their names.
    ///
    /// - Throws: `JSON.Failure` for a number that is not finite, which JSON cannot write.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.value(value)
        case .int(let value): json.value(value)
        case .double(let value): try json.value(value)
        case .string(let value): json.value(value)
        case .array(let elements):
            json.beginArray()
            for element in elements { try element.write(to: &json) }
            json.endArray()
        case .object(let members):
            json.beginObject()
            for member in members.sorted(by: { $0.key < $1.key }) {
                json.name(member.key)
                try member.value.write(to: &json)
            }
            json.endObject()
        }
    }
}
