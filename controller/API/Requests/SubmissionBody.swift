// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs

/// The body of `POST /api/v1/jobs`: its shape, and what is made of it.
enum SubmissionBody {
    /// A target expression; that it can be read is checked with the agents at hand.
    static let target: JSONValue = [
        "type": "string", "minLength": 1, "description": "A target expression.", "examples": ["env=prod and not web-3"],
    ]

    /// A target expression with its bound, for the description of the API.
    static let describedTarget = target.adding(["maxLength": JSONValue(TargetExpression.maximumLength)])

    /// What a body must fit before it is looked at more closely.
    ///
    /// Bounds are not in it: what is outside them is refused by who knows them, with a code of its own.
    static let schema = JSONSchema.ofBody(
        shape(of: [
            "type": "object",
            "properties": [
                "type": ["type": "string", "description": "The name of the operation."],
                "data": ["type": "object", "description": "Its parameters."],
            ],
            "required": ["type"],
            "additionalProperties": false,
        ])
    )

    /// The shape of a body with all that the catalogue and the limits have to say, for the description of the API.
    ///
    /// Plug-ins come and go with their agents: of them it says only that they are none of the others.
    static func description(_ limits: JobLimits) -> JSONValue {
        let plugin: JSONValue = [
            "title": "plug-in",
            "description": "An operation that agents have told of; `GET /api/v1/operations` has its schema.",
            "type": "object",
            "properties": [
                "type": [
                    "type": "string",
                    "not": ["enum": .array(OperationCatalogue.builtIn.descriptors.map { .string($0.type) })],
                ],
                "data": ["type": "object"],
            ],
            "required": ["type"],
            "additionalProperties": false,
        ]
        let operations = OperationCatalogue.builtIn.descriptors.map { operation in
            [
                "title": .string(operation.type),
                "description": .string(operation.summary),
                "type": "object",
                "properties": ["type": ["const": .string(operation.type)], "data": operation.schema.embedded],
                "required": operation.schema["required"]?.array?.isEmpty == false ? ["type", "data"] : ["type"],
                "additionalProperties": false,
            ] as JSONValue
        }
        return shape(
            of: ["oneOf": .array(operations + [plugin])],
            target: describedTarget,
            deadline: [
                "minimum": JSONValue(limits.minimumDeadline), "maximum": JSONValue(limits.maximumDeadline),
                "default": JSONValue(limits.defaultDeadline),
            ],
            note: ["maxLength": JSONValue(limits.noteLength)],
            retry: retry(
                attempts: [
                    "minimum": JSONValue(RetryPolicy.attempts.lowerBound),
                    "maximum": JSONValue(RetryPolicy.attempts.upperBound),
                ],
                backoff: [
                    "minimum": .double(RetryPolicy.backoffs.lowerBound),
                    "maximum": .double(RetryPolicy.backoffs.upperBound),
                ]
            ),
            webhook: WebhookBodies.ofJob(isDescribed: true)
        )
    }

    /// The request that a body stands for; it must fit ``schema``.
    static func request(_ body: JSONValue) -> JobRequest {
        JobRequest(
            operation: OperationRequest(
                type: body["operation"]?["type"]?.string ?? "",
                data: body["operation"]?["data"] ?? .object([:])
            ),
            target: body["target"]?.string ?? "",
            deadline: body["deadline"]?.number,
            note: body["note"]?.string,
            retry: body["retry"]?.object.map { retry in
                RetryPolicy(
                    maxAttempts: retry["max_attempts"]?.int.map(Int.init(clamping:)) ?? 1,
                    backoff: retry["backoff"]?.number ?? 0
                )
            },
            onInterrupt: body["on_interrupt"]?.string.flatMap(InterruptPolicy.init),
            parallel: body["parallel"]?.bool,
            dryRun: body["dry_run"]?.bool,
            labels: body["labels"]?.object?.compactMapValues(\.string),
            webhook: body["webhook"]?.object.map { webhook in
                JobWebhookRequest(
                    url: webhook["url"]?.string ?? "",
                    events: webhook["events"]?.array?.compactMap { $0.string.flatMap(WebhookEventType.init) },
                    secret: webhook["secret"]?.string
                )
            }
        )
    }

    private static func retry(attempts: [String: JSONValue], backoff: [String: JSONValue]) -> JSONValue {
        [
            "type": ["object", "null"],
            "description": "How often runs that fail are tried again, by their agents.",
            "properties": [
                "max_attempts":
                    (["type": "integer", "description": "The first attempt included."] as JSONValue).adding(attempts),
                "backoff":
                    (["type": "number", "description": "Seconds before the second attempt; doubled each time."]
                    as JSONValue).adding(backoff),
            ],
            "required": ["max_attempts"],
            "additionalProperties": false,
        ]
    }

    private static func shape(
        of operation: JSONValue,
        target: JSONValue = target,
        deadline: [String: JSONValue] = [:],
        note: [String: JSONValue] = [:],
        retry: JSONValue = retry(attempts: [:], backoff: [:]),
        webhook: JSONValue = WebhookBodies.ofJob(isDescribed: false)
    ) -> JSONValue {
        [
            "type": "object",
            "properties": [
                "operation": operation,
                "target": target,
                "deadline":
                    ([
                        "type": ["number", "null"],
                        "description": "How long the job may wait for agents that are away, in seconds.",
                    ] as JSONValue).adding(deadline),
                "note": (["type": ["string", "null"], "description": "A note for people."] as JSONValue).adding(note),
                "retry": retry,
                "on_interrupt": [
                    "enum": .array(InterruptPolicy.allCases.map { .string($0.rawValue) } + [.null]),
                    "description": "What happens to a run whose agent dies in mid-run.",
                ],
                "parallel": [
                    "type": ["boolean", "null"],
                    "description": "Whether it may run beside other jobs that modify the same host.",
                ],
                "dry_run": [
                    "type": ["boolean", "null"],
                    "description": "Whether nothing is touched, and only told what would be.",
                ],
                "labels": [
                    "type": ["object", "null"],
                    "description": "What the submitter calls the job by; listings select by it.",
                    "additionalProperties": ["type": "string"],
                ],
                "webhook": webhook,
            ],
            "required": ["operation", "target"],
            "additionalProperties": false,
        ]
    }
}

extension JSONSchema {
    /// A schema that is written in this module, and so can be read.
    static func ofBody(_ schema: JSONValue) -> JSONSchema {
        do {
            return try JSONSchema(schema)
        } catch {
            preconditionFailure("the schema of a body at \(error.pointer): \(error.detail)")
        }
    }
}

extension JSONValue {
    /// The schema of an operation as a part of another document: it cannot name its own dialect there, and readers of it do
    /// not know our formats.
    fileprivate var embedded: JSONValue {
        guard var members = object else { return self }
        members["$schema"] = nil
        if var properties = members["properties"]?.object {
            for (name, schema) in properties {
                let format = schema["format"]?.string.flatMap(JSONSchemaFormat.init)
                if let format { properties[name] = schema.adding(["pattern": .string(format.pattern)]) }
            }
            members["properties"] = .object(properties)
        }
        return .object(members)
    }

    /// This object with more members.
    func adding(_ more: [String: JSONValue]) -> JSONValue {
        guard let members = object else { return self }
        return .object(members.merging(more) { $1 })
    }
}
