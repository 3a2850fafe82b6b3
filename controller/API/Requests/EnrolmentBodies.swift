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

    /// How many labels an agent may have, and how many bytes each name and value.
    private static let mostLabels = (count: 256, bytes: 1024)

    /// Bounds are for the description of the API: what is outside them is refused with a code of its own.
    private static func labels(isDescribed: Bool) -> JSONValue {
        let labels: JSONValue = [
            "type": ["object", "null"], "additionalProperties": ["type": "string"],
            "description": "What the agents are labelled with, whatever they say of themselves.",
        ]
        guard isDescribed else { return labels }
        // A schema counts characters; that it is bytes is in the answer of who has more of them.
        let length = JSONValue(mostLabels.bytes)
        return labels.adding([
            "maxProperties": JSONValue(mostLabels.count), "propertyNames": ["minLength": 1, "maxLength": length],
            "additionalProperties": ["type": "string", "maxLength": length],
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
    /// - Throws: ``APIError`` `out_of_range` for more or longer ones than an agent may have.
    static func labels(_ body: JSONValue) throws(APIError) -> [String: String]? {
        guard let members = body["labels"]?.object else { return nil }
        let labels = members.compactMapValues(\.string)
        let isWithin =
            labels.count <= mostLabels.count
            && labels.allSatisfy { name, value in
                (1...mostLabels.bytes).contains(name.utf8.count) && value.utf8.count <= mostLabels.bytes
            }
        guard isWithin else {
            let detail = "at most \(mostLabels.count) labels, of 1 to \(mostLabels.bytes) bytes each"
            throw APIError(.outOfRange, detail, faults: [Fault(pointer: "/labels", detail: detail)])
        }
        return labels
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
