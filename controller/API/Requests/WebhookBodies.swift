// SPDX-License-Identifier: Apache-2.0

import Jobs
import Outgoing
import Store
import Webhooks

/// The bodies of the calls for webhooks.
enum WebhookBodies {
    /// For how long a secret may stay good beside the next one.
    static let overlaps = 0.0...(7 * 86_400)
    /// For how long it does where nothing is said.
    static let standardOverlap = 86_400.0

    private static let urlRule = "An https:// URL; http:// where the setting outgoing.allow has the address."

    private static func url(_ description: String, _ type: JSONValue, _ isDescribed: Bool) -> JSONValue {
        let bounds: [String: JSONValue] = ["format": "uri", "pattern": "^https?://", "examples": [exampleURL]]
        return (["type": type, "description": .string(description)] as JSONValue).adding(isDescribed ? bounds : [:])
    }

    private static let exampleURL: JSONValue = "https://chat.example/hooks/broker"

    private static func events(_ description: String, _ isDescribed: Bool) -> JSONValue {
        ([
            "type": ["array", "null"],
            "items": ["enum": .array(WebhookEventType.selectable.map { .string($0.rawValue) })],
            "description": .string(description),
        ] as JSONValue).adding(isDescribed ? ["minItems": 1] : [:])
    }

    private static func labels(_ description: String) -> JSONValue {
        [
            "type": ["object", "null"], "description": .string(description),
            "additionalProperties": ["type": "string"],
        ]
    }

    // Bounds are only described: what is outside them is refused with a code of its own.

    /// Of `POST /api/v1/webhooks`, for the description of the API or to be checked.
    static func creation(isDescribed: Bool) -> JSONValue {
        [
            "type": "object",
            "properties": [
                "url": url(urlRule, "string", isDescribed),
                "events": events("Of which it is told; of all that there are now where it is left out.", isDescribed),
                "labels": labels("It is told of jobs that have all of these labels; of every job if left out."),
            ],
            "required": ["url"],
            "additionalProperties": false,
        ]
    }

    /// Of `PATCH /api/v1/webhooks/{id}`: the same.
    static func change(isDescribed: Bool) -> JSONValue {
        [
            "type": "object",
            "properties": [
                "url": url(urlRule + " Left out, it stays.", ["string", "null"], isDescribed),
                "events": events("Of which it is told from now on; left out, they stay.", isDescribed),
                "labels": labels("The labels that jobs must have from now on, {} for none; left out, they stay."),
            ],
            "additionalProperties": false,
        ]
    }

    /// The member `webhook` of `POST /api/v1/jobs`: the same.
    static func ofJob(isDescribed: Bool) -> JSONValue {
        [
            "type": ["object", "null"],
            "description": "A URL that is told of this job alone.",
            "properties": [
                "url": url(urlRule, "string", isDescribed),
                "events": events("Of which it is told; of how the job ends where it is left out.", isDescribed),
                "secret": [
                    "type": ["string", "null"],
                    "description":
                        "What signs the messages, whsec_ and Base64; where it is left out, the answer has one that was made.",
                ],
            ],
            "required": ["url"],
            "additionalProperties": false,
        ]
    }

    /// Of `POST /api/v1/webhooks/{id}/rotate`: the same.
    static func rotation(isDescribed: Bool) -> JSONValue {
        let bounds: [String: JSONValue] = [
            "minimum": .double(overlaps.lowerBound), "maximum": .double(overlaps.upperBound),
        ]
        return [
            "type": "object",
            "properties": [
                "overlap":
                    ([
                        "type": ["number", "null"],
                        "description":
                            "For how many seconds the present secret stays good; a day where it is left out.",
                    ] as JSONValue).adding(isDescribed ? bounds : [:])
            ],
            "additionalProperties": false,
        ]
    }

    static let creationSchema = JSONSchema.ofBody(creation(isDescribed: false))
    static let changeSchema = JSONSchema.ofBody(change(isDescribed: false))
    static let rotationSchema = JSONSchema.ofBody(rotation(isDescribed: false))

    /// The URL of a body.
    ///
    /// - Throws: ``APIError`` `out_of_range` for one that is not called.
    static func url(_ body: JSONValue) throws(APIError) -> String {
        try url(body["url"]?.string ?? "", at: "/url").description
    }

    private static func url(_ text: String, at pointer: String) throws(APIError) -> OutgoingURL {
        do {
            return try OutgoingURL(text)
        } catch {
            throw APIError(.outOfRange, error.message, faults: [Fault(pointer: pointer, detail: error.message)])
        }
    }

    /// The events of a body, each once.
    ///
    /// - Throws: ``APIError`` `out_of_range` for none at all.
    static func events(_ body: JSONValue) throws(APIError) -> [WebhookEventType] {
        guard let named = body["events"]?.array else { return WebhookEventType.selectable }
        return try events(Set(named.compactMap { $0.string.flatMap(WebhookEventType.init) }), at: "/events")
    }

    private static func events(
        _ names: Set<WebhookEventType>,
        at pointer: String
    ) throws(APIError) -> [WebhookEventType] {
        guard !names.isEmpty else { throw outOfRange(pointer, "a webhook is told of one event at least") }
        return WebhookEventType.selectable.filter(names.contains)
    }

    /// The labels of a body; nil where they are left out.
    ///
    /// - Throws: ``APIError`` `out_of_range` for such as no job can have.
    static func labels(_ body: JSONValue) throws(APIError) -> [String: String]? {
        guard let labels = body["labels"]?.object?.compactMapValues(\.string) else { return nil }
        if let problem = JobLabels.problem(of: labels) { throw outOfRange("/labels", problem) }
        return labels
    }

    /// What is to be another of a webhook.
    ///
    /// - Throws: ``APIError`` `out_of_range`.
    static func change(_ body: JSONValue) throws(APIError) -> WebhookChange {
        let isNamed = { (name: String) in body[name].map { $0 != .null } ?? false }
        return WebhookChange(
            url: isNamed("url") ? try url(body) : nil,
            events: isNamed("events") ? try events(body) : nil,
            labels: try labels(body)
        )
    }

    /// The webhook that a submission asks for, with a secret where it brings none; nil where it asks for none.
    ///
    /// - Throws: ``APIError`` `out_of_range`.
    static func webhook(of request: JobRequest) throws(APIError) -> NewJobWebhook? {
        guard let asked = request.webhook else { return nil }
        let url = try url(asked.url, at: "/webhook/url")
        if let secret = asked.secret, WebhookSecret(secret) == nil {
            throw outOfRange("/webhook/secret", "a secret is whsec_ and 24 to 64 bytes in Base64")
        }
        return NewJobWebhook(
            url: url.description,
            receiver: url.authority,
            events: try events(Set(asked.events ?? WebhookEventType.ends), at: "/webhook/events"),
            secret: asked.secret ?? WebhookSecret.random()
        )
    }

    private static func outOfRange(_ pointer: String, _ detail: String) -> APIError {
        APIError(.outOfRange, detail, faults: [Fault(pointer: pointer, detail: detail)])
    }
}
