// SPDX-License-Identifier: Apache-2.0

import Jobs
import Outgoing

/// The bodies of the calls for webhooks.
enum WebhookBodies {
    /// For how long a secret may stay good beside the next one.
    static let overlaps = 0.0...(7 * 86_400)
    /// For how long it does where nothing is said.
    static let standardOverlap = 86_400.0

    /// Of `POST /api/v1/webhooks`.
    static let creation: JSONValue = [
        "type": "object",
        "properties": [
            "url": [
                "type": "string",
                "description": "An https:// URL; http:// where the setting outgoing.allow has the address.",
            ],
            "events": [
                "type": ["array", "null"],
                "items": ["enum": .array(WebhookEventType.selectable.map { .string($0.rawValue) })],
                "description": "Of which it is told; of all that there are now where it is left out.",
            ],
        ],
        "required": ["url"],
        "additionalProperties": false,
    ]

    /// Of `POST /api/v1/webhooks/{id}/rotate`.
    static let rotation: JSONValue = [
        "type": "object",
        "properties": [
            "overlap": [
                "type": ["number", "null"],
                "description": "For how many seconds the present secret stays good; a day where it is left out.",
            ]
        ],
        "additionalProperties": false,
    ]

    static let creationSchema = JSONSchema.ofBody(creation)
    static let rotationSchema = JSONSchema.ofBody(rotation)

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
