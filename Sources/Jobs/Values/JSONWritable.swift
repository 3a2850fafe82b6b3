// SPDX-License-Identifier: Apache-2.0

/// A value that writes its own JSON, since answers carry it by the thousand.
///
/// That is the one description of its form: a general encoder gets it by way of this text.
public protocol JSONWritable: Encodable {
    /// Writes the value, the members of objects in the order of their names.
    ///
    /// - Throws: `JSON.Failure` for a number that JSON cannot write.
    func write(to json: inout JSONWriter) throws(JSON.Failure)
}

extension JSONWritable {
    /// The value as compact JSON with sorted keys: what ``JSON/encode(_:pretty:)`` writes.
    ///
    /// - Throws: `JSON.Failure` for a number that JSON cannot write.
    public func text() throws(JSON.Failure) -> [UInt8] {
        var json = JSONWriter()
        try write(to: &json)
        return json.bytes
    }

    /// Writes the same to any encoder.
    public func encode(to encoder: any Encoder) throws {
        try JSONText.parse(try text(), maximumDepth: .max).encode(to: encoder)
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    /// Writes the elements as a list.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginArray()
        for element in self { try element.write(to: &json) }
        json.endArray()
    }
}
