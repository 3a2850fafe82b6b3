// SPDX-License-Identifier: Apache-2.0

/// Which operation to run, and with what parameters.
public struct OperationRequest: Decodable, Hashable, Sendable {
    /// The operation's name in the catalogue, for example `command.exec`.
    public let type: String
    /// Its parameters, as the operation's JSON Schema has them.
    public let data: JSONValue

    /// Makes a request of a name and parameters.
    public init(type: String, data: JSONValue = .object([:])) {
        self.type = type
        self.data = data
    }

    /// Reads `type` and, if it is there, `data`; left out it is the empty object.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        data = try container.decodeIfPresent(JSONValue.self, forKey: .data) ?? .object([:])
    }

    enum CodingKeys: String, CodingKey {
        case type
        case data
    }
}

extension OperationRequest: JSONWritable {
    /// Writes `type` and `data`, with `***` for what is sealed.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        try json.member("data", data.withoutSealed)
        json.member("type", type)
        json.endObject()
    }
}
