// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// JSON text to values and back, in the one way that all of Broker uses: sorted keys, slashes not escaped.
public enum JSON {
    /// The text is not JSON, or not of the wanted shape.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Where the fault is: a JSON Pointer (RFC 6901), empty for the whole text.
        public let pointer: String
        /// What is wrong there.
        public let message: String

        /// Both, for a log.
        public var description: String { pointer.isEmpty ? message : "\(pointer): \(message)" }
    }

    /// Reads a value of type `Value`.
    ///
    /// - Throws: ``Failure`` with the place of the fault.
    public static func decode<Value: Decodable>(
        _ type: Value.Type,
        from bytes: some Sequence<UInt8>
    ) throws(Failure) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Failure(error)
        } catch {
            throw Failure(pointer: "", message: "not readable as JSON")
        }
    }

    /// Reads a value of type `Value` whose properties have, in camel case, the names that members have in snake case.
    ///
    /// - Throws: ``Failure`` with the place of the fault.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        fromSnakeCase json: JSONValue
    ) throws(Failure) -> Value {
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: Data(try encode(json)))
        } catch let error as DecodingError {
            throw Failure(error)
        } catch {
            throw Failure(pointer: "", message: "not readable as JSON")
        }
    }

    /// Writes a value as compact JSON with sorted keys.
    ///
    /// - Throws: what the value's own `encode` throws; the values of Broker throw nothing, but for a number that is not
    ///   finite.
    public static func encode(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return Array(try encoder.encode(value))
    }
}

extension JSON.Failure {
    init(_ error: DecodingError) {
        switch error {
        case .dataCorrupted(let context):
            self.init(pointer: jsonPointer(context.codingPath), message: Self.text(context))
        case .keyNotFound(let key, let context):
            self.init(pointer: jsonPointer(context.codingPath), message: "\(key.stringValue) is missing")
        case .typeMismatch(let type, let context):
            self.init(pointer: jsonPointer(context.codingPath), message: "must be \(Self.name(type))")
        case .valueNotFound(_, let context):
            self.init(pointer: jsonPointer(context.codingPath), message: "null is not allowed here")
        @unknown default:
            self.init(pointer: "", message: "not readable as JSON")
        }
    }

    /// The type in words, since people who write JSON need not know Swift.
    private static func name(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Double.Type, is Float.Type: "a number"
        case is any BinaryInteger.Type: "a whole number"
        case is [Any].Type: "a list"
        case is [String: Any].Type: "an object"
        default: "a \(type)"
        }
    }

    private static func text(_ context: DecodingError.Context) -> String {
        guard let cause = context.underlyingError else { return context.debugDescription }
        return "not valid JSON: \(cause)"
    }
}

/// The JSON Pointer (RFC 6901) of a decoder's path.
private func jsonPointer(_ path: [any CodingKey]) -> String {
    path.map { "/" + escapedForJSONPointer($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
}

/// Escapes a member's name for use in a JSON Pointer (RFC 6901, section 3).
func escapedForJSONPointer(_ name: String) -> String {
    var escaped = ""
    for character in name {
        switch character {
        case "~": escaped += "~0"
        case "/": escaped += "~1"
        default: escaped.append(character)
        }
    }
    return escaped
}
