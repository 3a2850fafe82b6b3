// SPDX-License-Identifier: Apache-2.0

import Jobs
import Outgoing

/// The bodies of the calls for webhooks.
enum WebhookBodies {
    /// For how long a secret may stay good beside the next one.
    static let overlaps = 0.0...(7 * 86_400)
    /// For how long it does where nothing is said.
    static let standardOverlap = 86_400.0

    /// Of `POST /api/v1/webhooks`, for the description of the API.
    static let creation = creation(
        url: ["format": "uri", "pattern": "^https?://", "examples": ["https://chat.example/hooks/broker"]],
        events: ["minItems": 1]
    )

    private static func creation(url: [String: JSONValue], events: [String: JSONValue]) -> JSONValue {
        [
            "type": "object",
            "properties": [
                "url":
                    ([
                        "type": "string",
                        "description": "An https:// URL; http:// where the setting outgoing.allow has the address.",
                    ] as JSONValue).adding(url),
                "events":
                    ([
                        "type": ["array", "null"],
                        "items": ["enum": .array(WebhookEventType.selectable.map { .string($0.rawValue) })],
                        "description": "Of which it is told; of all that there are now where it is left out.",
                    ] as JSONValue).adding(events),
            ],
            "required": ["url"],
            "additionalProperties": false,
        ]
    }

    /// Of `POST /api/v1/webhooks/{id}/rotate`, for the description of the API.
    static let rotation = rotation(
        overlap: ["minimum": .double(overlaps.lowerBound), "maximum": .double(overlaps.upperBound)]
    )

    private static func rotation(overlap: [String: JSONValue]) -> JSONValue {
        [
            "type": "object",
            "properties": [
                "overlap":
                    ([
                        "type": ["number", "null"],
                        "description":
                            "For how many seconds the present secret stays good; a day where it is left out.",
                    ] as JSONValue).adding(overlap)
            ],
            "additionalProperties": false,
        ]
    }

    // Bounds are not in these: what is outside them is refused with a code of its own.

    static let creationSchema = JSONSchema.ofBody(creation(url: [:], events: [:]))
    static let rotationSchema = JSONSchema.ofBody(rotation(overlap: [:]))

    /// The URL of a body.
    ///
    /// - Throws: ``APIError`` `out_of_range` for one that is not called.
    static func url(_ body: JSONValue) throws(APIError) -> String {
        do {
            return try OutgoingURL(body["url"]?.string ?? "").description
        } catch {
            throw APIError(.outOfRange, error.message, faults: [Fault(pointer: "/url", detail: error.message)])
        }
    }

    /// The events of a body, each once.
    ///
    /// - Throws: ``APIError`` `out_of_range` for none at all.
    static func events(_ body: JSONValue) throws(APIError) -> [WebhookEventType] {
        guard let named = body["events"]?.array else { return WebhookEventType.selectable }
        let names = Set(named.compactMap { $0.string.flatMap(WebhookEventType.init) })
        guard !names.isEmpty else {
            let detail = "a webhook is told of one event at least"
            throw APIError(.outOfRange, detail, faults: [Fault(pointer: "/events", detail: detail)])
        }
        return WebhookEventType.selectable.filter(names.contains)
    }
}
