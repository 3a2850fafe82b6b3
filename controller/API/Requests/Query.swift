// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store

/// A parameter that a call takes in its query.
struct QueryParameter: Sendable {
    /// What values it takes.
    enum Kind: Sendable {
        case number(ClosedRange<Int>, default: Int)
        case flag(default: Bool?)
        case choice([String])
        /// One or more of some words, with commas between.
        case choices([String])
        /// A point in time, RFC 3339.
        case time
        /// One or more parameters, each with a name of its own after that of this one and a point.
        case members(example: String)
        /// Any text; how many characters it may have is for the description, and checked by who reads it.
        case text(length: ClosedRange<Int>)
    }

    let name: String
    let kind: Kind
    let summary: String
    /// Whether it may be given without a value, where its kind alone would not say so.
    var mayBeEmpty = false
    /// Whether it cannot stand beside all others: then a client must not send its default, which programs that are made of
    /// the description do with every default that is in a schema.
    var isExclusive = false

    /// This parameter, where it cannot stand beside all others.
    var exclusive: QueryParameter {
        var copy = self
        copy.isExclusive = true
        return copy
    }
    /// Whether the call cannot be made without it.
    var isRequired = false

    /// Whether a name in a query is that of this parameter, or of one of those that it stands for.
    func means(_ other: String) -> Bool {
        guard case .members = kind else { return name == other }
        return other.hasPrefix(name + ".") && other.utf8.count > name.utf8.count + 1
    }

    /// The same as one that the call cannot be made without.
    var required: QueryParameter {
        var parameter = self
        parameter.isRequired = true
        return parameter
    }

    /// The name for people and for the description.
    var shownName: String {
        if case .members(let example) = kind { "\(name).\(example)" } else { name }
    }

    /// How many items a listing gives at most.
    static func limit(_ size: (default: Int, maximum: Int)) -> QueryParameter {
        QueryParameter(
            name: "limit",
            kind: .number(1...size.maximum, default: size.default),
            summary: "How many items at most."
        )
    }

    /// How many items of a listing to pass over.
    static let offset = QueryParameter(
        name: "offset",
        kind: .number(0...PageSize.maximumOffset, default: 0),
        summary: "How many items to pass over."
    )

    /// Where to go on in a listing.
    static let cursor = QueryParameter(
        name: "cursor",
        kind: .text(length: 1...ListingCursor.maximumLength),
        summary: "The next_cursor of the part before; not together with an offset."
    )
}

/// The query of a request, checked against the parameters of its call.
struct Query: Sendable {
    private var texts: [String: String] = [:]
    private var numbers: [String: Int] = [:]
    private var flags: [String: Bool] = [:]
    private var lists: [String: [String]] = [:]
    private var times: [String: Timestamp] = [:]
    private var members: [String: [String: String]] = [:]
    /// What was given, by name.
    private(set) var given: [String: String] = [:]

    /// A query without parameters.
    init() {}

    /// Reads a query.
    ///
    /// - Throws: ``APIError`` `invalid_query` for a parameter that is unknown, missing, there twice or not of its type, and
    ///   `out_of_range` for a number outside its limits.
    init(_ text: String?, allowed: [QueryParameter]) throws(APIError) {
        for part in (text ?? "").split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(sides[0], plusIsSpace: true),
                let value = percentDecoded(sides.count > 1 ? sides[1] : "", plusIsSpace: true)
            else { throw APIError(.invalidQuery, "the query is not well percent-encoded UTF-8") }
            guard allowed.contains(where: { $0.means(name) }) else { throw Self.unknown(name, allowed) }
            guard given.updateValue(value, forKey: name) == nil else {
                throw Self.fault(.invalidQuery, name, "is there twice")
            }
        }
        for parameter in allowed {
            let value = given[parameter.name]
            guard value != nil || !parameter.isRequired else {
                throw Self.fault(.invalidQuery, parameter.name, "is required")
            }
            try take(value, of: parameter)
        }
    }

    /// The text or choice called `name`; nil if it was not given.
    func text(_ name: String) -> String? { texts[name] }

    /// The flag called `name`; nil if it was not given and has no default.
    func flag(_ name: String) -> Bool? { flags[name] }

    /// The words called `name`, each once, in order; nil if there were none given.
    func list(_ name: String) -> [String]? { lists[name] }

    /// The point in time called `name`; nil if it was not given.
    func time(_ name: String) -> Timestamp? { times[name] }

    /// What the parameters below `name` say, by what comes after the point.
    func members(_ name: String) -> [String: String] { members[name] ?? [:] }

    /// The number called `name`; 0 where the call has none of that name.
    func number(_ name: String) -> Int { numbers[name] ?? 0 }

    /// The `limit` of a listing.
    var limit: Int { numbers["limit"] ?? PageSize.standard.default }

    /// The `offset` of a listing.
    var offset: Int { numbers["offset"] ?? 0 }

    /// Where the wanted part of a listing begins.
    ///
    /// - Parameters:
    ///   - cursor: the form of cursors of this listing.
    ///   - key: reads a key that a cursor carries; nil where it is none.
    /// - Returns: the place.
    /// - Throws: ``APIError`` `invalid_query`.
    func start<Key>(
        _ cursor: ListingCursor,
        key: (String) -> Key?
    ) throws(APIError) -> ListingWindow<Key>.Start {
        guard let text = text(QueryParameter.cursor.name) else { return .offset(offset) }
        guard offset == 0 else { throw ListingCursor.fault("and offset cannot be given together") }
        guard let key = key(try cursor.key(text)) else { throw ListingCursor.fault("is none that was given here") }
        return .after(key)
    }

    // MARK: Reading

    private mutating func take(_ value: String?, of parameter: QueryParameter) throws(APIError) {
        switch parameter.kind {
        case .number(let range, let standard):
            numbers[parameter.name] =
                try value.map { (text) throws(APIError) in
                    try Self.number(text, in: range, of: parameter.name)
                } ?? standard
        case .flag(let standard):
            switch value {
            case nil: flags[parameter.name] = standard
            case "true": flags[parameter.name] = true
            case "false": flags[parameter.name] = false
            default: throw Self.fault(.invalidQuery, parameter.name, "must be true or false")
            }
        case .choice(let choices):
            if let value, !choices.contains(value) {
                throw Self.fault(
                    .invalidQuery,
                    parameter.name,
                    "must be one of \(choices.joined(separator: ", "))"
                )
            }
            texts[parameter.name] = value
        case .choices(let choices):
            guard let value else { return }
            let words = value.isEmpty ? [] : value.split(separator: ",", omittingEmptySubsequences: false)
            guard words.allSatisfy({ choices.contains(String($0)) }) else {
                let known = choices.joined(separator: ", ")
                throw Self.fault(.invalidQuery, parameter.name, "takes, with commas between: \(known)")
            }
            lists[parameter.name] = choices.filter { words.contains(Substring($0)) }
        case .time:
            guard let value else { return }
            guard let time = Timestamp(value) else {
                let example = "2026-11-21T08:30:00Z"
                throw Self.fault(.invalidQuery, parameter.name, "must be a time as in RFC 3339, such as \(example)")
            }
            times[parameter.name] = time
        case .members:
            let prefix = parameter.name + "."
            for (name, value) in given where name.hasPrefix(prefix) {
                members[parameter.name, default: [:]][String(name.dropFirst(prefix.count))] = value
            }
        case .text: texts[parameter.name] = value
        }
    }

    private static func number(
        _ text: String,
        in range: ClosedRange<Int>,
        of name: String
    ) throws(APIError) -> Int {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw fault(.invalidQuery, name, "must be a whole number")
        }
        guard let number = Int(text), range.contains(number) else {
            throw fault(.outOfRange, name, "must be \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func unknown(_ name: String, _ allowed: [QueryParameter]) -> APIError {
        let known =
            allowed.isEmpty ? "there are none here" : "known are \(allowed.map(\.shownName).joined(separator: ", "))"
        return fault(.invalidQuery, String(name.prefix(100)), "is no parameter here; \(known)")
    }

    /// A fault of one parameter.
    static func fault(_ code: APIError.Code, _ name: String, _ what: String) -> APIError {
        APIError(code, "\(name) \(what)", parameter: name)
    }
}
