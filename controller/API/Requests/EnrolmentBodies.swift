// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The bodies of the calls that make agents of hosts.
enum EnrolmentBodies {
    /// The largest body of a request of a stranger.
    static let maximumBytes = 32 * 1024
    /// How long a join token may last, in seconds.
    static let lifetimes: ClosedRange<Double> = 0.001...31_622_400
    /// How many agents one token may make.
    static let uses = 1...100_000

    /// Bounds are for the description of the API: what is outside them is refused with a code of its own.
    private static func labels(isDescribed: Bool) -> JSONValue {
        let labels: JSONValue = [
            "type": ["object", "null"], "additionalProperties": ["type": "string"],
            "description": """
            What the agents are labelled with, whatever they say of themselves; at most 256. A name has 1 to 63 of \
            A-Z a-z 0-9 . - _ / and begins with a letter or a digit; and, or, not and in are none. A value has at most \
            1024 bytes, and no control characters.
            """,
        ]
        guard isDescribed else { return labels }
        // A schema counts characters; that it is bytes is in the answer of who has more of them.
        return labels.adding([
            "maxProperties": 256,
            "propertyNames": ["minLength": 1, "maxLength": 63, "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]*$"],
            "additionalProperties": [
                "type": "string", "maxLength": 1024, "pattern": #"^[^\u0000-\u001f\u007f-\u009f]*$"#,
            ],
        ])
    }

    /// Of `POST /api/v1/enrolments`.
    static let request: JSONValue = [
        "type": "object",
        "properties": [
            "hostname": ["type": "string", "minLength": 1, "maxLength": 253],
            "certificate_request": [
                "type": "string", "minLength": 1, "maxLength": 16_384,
                "description": "A certificate request (PKCS#10), PEM; only its key is taken from it.",
            ],
            "secret": [
                "type": ["string", "null"], "description": "The secret of a join token, at most 256 characters.",
            ],
        ],
        "required": ["hostname", "certificate_request"],
        "additionalProperties": false,
    ]

    /// Of `POST /api/v1/join-tokens`, for the description of the API.
    static let token = token(
        ttl: ["minimum": .double(lifetimes.lowerBound), "maximum": .double(lifetimes.upperBound)],
        uses: ["minimum": JSONValue(uses.lowerBound), "maximum": JSONValue(uses.upperBound)],
        labels: labels(isDescribed: true)
    )

    private static func token(ttl: [String: JSONValue], uses: [String: JSONValue], labels: JSONValue) -> JSONValue {
        [
            "type": "object",
            "properties": [
                "ttl":
                    (["type": ["number", "null"], "description": "Seconds that it lasts; an hour if left out."]
                    as JSONValue).adding(ttl),
                "uses":
                    (["type": ["integer", "null"], "description": "How many agents it makes at most; 1 if left out."]
                    as JSONValue).adding(uses),
                "labels": labels,
            ],
            "additionalProperties": false,
        ]
    }

    /// Of `POST /api/v1/enrolments/{host}/accept`, for the description of the API.
    static let acceptance = acceptance(labels: labels(isDescribed: true))

    private static func acceptance(labels: JSONValue) -> JSONValue {
        ["type": "object", "properties": ["labels": labels], "additionalProperties": false]
    }

    static let requestSchema = JSONSchema.ofBody(request)
    static let tokenSchema = JSONSchema.ofBody(token(ttl: [:], uses: [:], labels: labels(isDescribed: false)))
    static let acceptanceSchema = JSONSchema.ofBody(acceptance(labels: labels(isDescribed: false)))

    /// The labels of a body; nil where it has none.
    ///
    /// - Throws: ``APIError`` `out_of_range` for such as an agent may not have.
    static func labels(_ body: JSONValue) throws(APIError) -> [String: String]? {
        guard let members = body["labels"]?.object else { return nil }
        let labels = members.compactMapValues(\.string)
        let faults = AgentNames.faults(inLabels: labels, at: "/labels")
        if let first = faults.first { throw APIError(.outOfRange, first.detail, faults: faults) }
        return labels
    }

    /// The name of a host that asks to be an agent.
    ///
    /// - Throws: ``APIError`` `invalid_body` for one that no agent can have.
    static func hostname(_ body: JSONValue) throws(APIError) -> String {
        let hostname = body["hostname"]?.string ?? ""
        if let detail = AgentNames.fault(inHostname: hostname) {
            throw APIError(.invalidBody, detail, faults: [Fault(pointer: "/hostname", detail: detail)])
        }
        return hostname
    }

    /// A number of a body that lies within bounds; nil where there is none.
    ///
    /// - Throws: ``APIError`` `out_of_range`.
    static func number(_ name: String, in range: ClosedRange<Double>, _ body: JSONValue) throws(APIError) -> Double? {
        guard let number = body[name]?.number else { return nil }
        guard range.contains(number) else {
            let lowest = range.lowerBound < 1 ? "\(range.lowerBound)" : "\(Int(range.lowerBound))"
            let detail = "\(name) is \(lowest) to \(Int(range.upperBound))"
            throw APIError(.outOfRange, detail, faults: [Fault(pointer: "/\(name)", detail: detail)])
        }
        return number
    }
}
