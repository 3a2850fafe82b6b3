// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs

/// The body of `POST /api/v1/keys`: its shape, and the key that is made of it.
enum KeyBody {
    /// For how long a key may last that expires.
    static let lifetimes = 1.0...(10 * 365 * 86_400)

    private static func shape(
        name: [String: JSONValue] = [:],
        expiry: [String: JSONValue] = [:],
        target: [String: JSONValue] = [:],
        operations: [String: JSONValue] = [:],
        pattern: [String: JSONValue] = [:]
    ) -> JSONValue {
        [
            "type": "object",
            "properties": [
                "name": .object(
                    ["type": "string", "description": "Who is going to use it."].merging(name) { $1 }
                ),
                "scopes": [
                    "type": "array", "minItems": 1, "maxItems": JSONValue(Scope.allCases.count),
                    "items": ["enum": .array(Scope.allCases.map { .string($0.rawValue) })],
                    "description": "What it may be used for.",
                ],
                "expires_in": .object(
                    ["type": ["number", "null"], "description": "Seconds until it expires; left out for never."]
                        .merging(expiry) { $1 }
                ),
                "target": .object(
                    [
                        "type": ["string", "null"],
                        "description": "A target expression: every agent that it works on must be selected by this.",
                    ].merging(target) { $1 }
                ),
                "operations": .object(
                    [
                        "type": ["array", "null"], "items": .object(["type": "string"].merging(pattern) { $1 }),
                        "description":
                            "The operations that it may ask for: names, service.* for all below a name, or *.",
                    ].merging(operations) { $1 }
                ),
            ],
            "required": ["name", "scopes"],
            "additionalProperties": false,
        ]
    }

    /// The shape for the description of the API.
    static let described = shape(
        name: ["minLength": 1, "maxLength": JSONValue(KeyName.maximumLength), "pattern": "^[A-Za-z0-9_.@-]+$"],
        expiry: ["minimum": .double(lifetimes.lowerBound), "maximum": .double(lifetimes.upperBound)],
        target: ["minLength": 1, "maxLength": JSONValue(TargetExpression.maximumLength)],
        operations: ["minItems": 1, "maxItems": JSONValue(AccessLimit.maximumOperations)],
        pattern: [
            "maxLength": JSONValue(OperationPattern.maximumLength), "pattern": "^(\\*|[a-z0-9._-]+(\\.\\*)?)$",
        ]
    )

    /// What a body must fit before it is looked at more closely.
    static let schema = JSONSchema.ofBody(shape())

    /// The key that a body asks for; it must fit ``schema``.
    ///
    /// - Parameters:
    ///   - body: what was asked for.
    ///   - id: its id.
    ///   - creator: who asks: the new key gets nothing that this has not.
    ///   - now: the controller's time.
    /// - Returns: the record.
    /// - Throws: ``APIError`` `out_of_range` for what cannot be used, `forbidden` for what is more than `creator` has.
    static func record(
        _ body: JSONValue,
        id: String,
        by creator: Principal,
        now: Timestamp
    ) throws(APIError) -> KeyRecord {
        let name = body["name"]?.string ?? ""
        let scopes = Set((body["scopes"]?.array ?? []).compactMap { $0.string.flatMap(Scope.init) })
        let limit: AccessLimit
        do {
            try KeyName.check(name)
            limit = try AccessLimit(
                target: body["target"]?.string,
                operations: body["operations"]?.array?.compactMap(\.string)
            )
        } catch {
            let fault = Fault(pointer: "/\(error.code.rawValue)", detail: error.message)
            throw APIError(.outOfRange, error.message, faults: [fault])
        }
        guard creator.scopes.covers(scopes) else {
            let missing = Scope.allCases.filter { scopes.contains($0) && !creator.scopes.grants($0) }.map(\.rawValue)
            throw APIError(
                .forbidden,
                "a key cannot give what it has not: the scopes \(missing.joined(separator: ", "))"
            )
        }
        let own: AccessLimit
        do {
            own = try creator.limit.limiting(limit)
        } catch {
            throw APIError(.forbidden, error.message)
        }
        return KeyRecord(
            id: id,
            name: name,
            scopes: scopes,
            target: own.target?.text,
            operations: own.operations?.map(\.text),
            createdAt: now,
            createdBy: creator.name,
            expiresAt: try expiry(body["expires_in"]?.number, creator.expiresAt, now)
        )
    }

    /// A key does not outlive the one that made it.
    private static func expiry(
        _ seconds: Double?,
        _ latest: Timestamp?,
        _ now: Timestamp
    ) throws(APIError) -> Timestamp? {
        guard let seconds else { return latest }
        guard lifetimes.contains(seconds) else {
            let detail = "a key expires in 1 second to 10 years"
            throw APIError(.outOfRange, detail, faults: [Fault(pointer: "/expires_in", detail: detail)])
        }
        let wanted = now + .milliseconds(Int64(seconds * 1000))
        guard let latest, wanted > latest else { return wanted }
        throw APIError(.forbidden, "a key cannot outlive the one that makes it, which expires at \(latest)")
    }
}
