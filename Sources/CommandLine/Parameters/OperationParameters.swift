// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Builds the parameters of an operation from what was typed.
package struct OperationParameters: Hashable, Sendable {
    /// The parameters so far.
    package private(set) var members: [String: JSONValue]

    /// No parameters.
    package init() {
        members = [:]
    }

    /// The parameters of `--data`.
    ///
    /// - Throws: ``UsageError`` for text that is no JSON object.
    package init(json text: String) throws(UsageError) {
        // The reader's own words say no more than that it is not JSON.
        guard let value = try? JSON.decode(JSONValue.self, from: text.utf8) else {
            throw UsageError("--data is not JSON")
        }
        guard case .object(let members) = value else { throw UsageError("--data is JSON, but not an object: {…}") }
        self.members = members
    }

    /// Puts a parameter in; nil leaves it out.
    package mutating func set(_ name: String, _ value: JSONValue?) {
        if let value { members[name] = value }
    }

    /// Puts `name=value` in, as the type that the operation's schema has for it; text where it does not say, and where it is
    /// a reference, which each host replaces by a fact or label of its own.
    ///
    /// - Parameters:
    ///   - pair: the argument of `--param`.
    ///   - schema: the schema of the operation's parameters; nil where it is not known.
    /// - Throws: ``UsageError`` for an argument without `=`, and for a value that is not of its type.
    package mutating func add(_ pair: String, schema: JSONValue?) throws(UsageError) {
        let (name, text) = try nameAndValue(pair, option: "--param")
        let rules = schema?["properties"]?[name]
        let isReference = rules?["references"] != false && text.hasPrefix("@") && Reference.isIn(text)
        members[name] = isReference ? .string(text) : try Self.value(text, name: name, type: rules?["type"]?.string)
    }

    /// The value for the request.
    package var json: JSONValue { .object(members) }

    private static func value(_ text: String, name: String, type: String?) throws(UsageError) -> JSONValue {
        let value = try? JSON.decode(JSONValue.self, from: text.utf8)
        switch type {
        case "integer":
            if let whole = value?.int { return .int(whole) }
        case "number":
            if let value, value.number != nil { return value }
        case "boolean":
            if let value, value.bool != nil { return value }
        case "array":
            if let value, value.array != nil { return value }
        case "object":
            if let value, value.object != nil { return value }
        default:
            return .string(text)
        }
        let article = ["integer", "array", "object"].contains(type) ? "an" : "a"
        throw UsageError("--param \(name): '\(text)' is not \(article) \(type ?? "value") in JSON")
    }
}

/// Splits `NAME=VALUE` at its first `=`.
///
/// - Throws: ``UsageError`` naming the option.
package func nameAndValue(_ pair: String, option: String) throws(UsageError) -> (name: String, value: String) {
    guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
        throw UsageError("\(option) wants NAME=VALUE, not '\(pair)'")
    }
    return (String(pair[..<equals]), String(pair[pair.index(after: equals)...]))
}

/// Reads exit codes: `0,2,10-12`.
///
/// - Throws: ``UsageError`` for anything else.
package func exitCodes(_ text: String) throws(UsageError) -> [Int64] {
    var codes: [Int64] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt8($0) }
        guard (1...2).contains(bounds.count), let first = bounds.first ?? nil, let last = bounds.last ?? nil,
            first <= last
        else { throw UsageError("--ok-exit-codes wants codes from 0 to 255, such as '0,2,10-12', not '\(text)'") }
        codes += (first...last).map(Int64.init)
    }
    return codes
}
