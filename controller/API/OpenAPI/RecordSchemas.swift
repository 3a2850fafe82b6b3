// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs

/// The JSON Schemas of what the API answers, under the names that the description gives them.
enum RecordSchemas {
    static let all: [String: JSONValue] = [
        "Job": job, "Run": run, "RunGroup": runGroup, "TimelineEvent": timelineEvent, "RunError": runError,
        "AgentResponse": agentResponse, "AgentState": agentState, "Pagination": pagination, "Agent": agent,
        "Key": key, "NewKey": record(["key": .reference("Key"), "secret": text]), "AuditRecord": auditRecord,
        "AuditPage": record([
            "items": ["type": "array", "items": .reference("AuditRecord")],
            "next": ["type": ["integer", "null"], "minimum": 1],
        ]),
        "Webhook": webhook, "NewWebhook": record(["webhook": .reference("Webhook"), "secret": text]),
        "WebhookDelivery": webhookDelivery, "Object": object,
        "Operation": operation, "SelectedAgent": selectedAgent, "Status": status, "Limits": limits,
        "Health": record(["status": text]), "Problem": problem, "Enrolment": enrolment,
        "EnrolmentAnswer": enrolmentAnswer, "JoinToken": joinToken, "Authorities": record(["authorities": text]),
    ]

    // MARK: Records

    private static let job = record(
        jobCore.merging(jobDetails) { $1 },
        optional: [
            "started_at", "completed_at", "error", "hostname", "result", "responses", "agent_states", "timeline",
            "timeline_total", "truncated", "links",
        ]
    )

    private static let jobCore: [String: JSONValue] = [
        "id": id, "status": choice(JobStatus.allCases.map(\.rawValue)), "status_updated_at": time,
        "operation": record(["type": text, "data": anyObject]),
        "target": text, "created_at": time, "started_at": time, "completed_at": time, "updated_at": time,
        "deadline_at": time, "created_by": optionalText, "changed": ["type": ["boolean", "null"]],
        "agents_total": count, "agents_completed": count, "agents_changed": count,
        "agent_counts": numbers(RunState.allCases.map(\.rawValue)),
        "error": record(["code": text, "message": text, "agents": count]),
        "note": optionalText, "labels": labels,
        "retry": nullable(record(["max_attempts": count, "backoff": ["type": "number"]])),
        "on_interrupt": choice(InterruptPolicy.allCases.map(\.rawValue)), "parallel": ["type": "boolean"],
        "dry_run": ["type": "boolean"],
        "retry_of": nullable(id), "retries": count, "template": ["type": "null"], "review": ["type": "null"],
        "cancel": nullable(record(["requested_at": time, "requested_by": optionalText, "reason": optionalText])),
        "traceparent": optionalText, "trace_id": optionalText,
        "webhook": nullable(
            record(
                ["id": text, "receiver": text, "events": webhookEvents, "secret": text],
                optional: ["secret"]
            )
        ),
    ]

    private static let jobDetails: [String: JSONValue] = [
        "hostname": text, "result": [:],
        "responses": ["type": "object", "additionalProperties": .reference("AgentResponse")],
        "agent_states": ["type": "object", "additionalProperties": .reference("AgentState")],
        "timeline": ["type": "array", "items": .reference("TimelineEvent")],
        "timeline_total": count, "truncated": ["type": "boolean"],
        "links": record(["runs": text, "timeline": text]),
    ]

    private static let agentResponse = record([
        "hostname": text, "status": choice(RunState.allCases.map(\.rawValue)),
        "changed": ["type": ["boolean", "null"]], "error": optionalError, "data": [:],
    ])

    private static let agentState = record([
        "status": choice(RunState.allCases.map(\.rawValue)), "error": optionalError,
        "attempt": ["type": "integer", "minimum": 1], "acknowledged_at": optionalTime, "started_at": optionalTime,
        "completed_at": optionalTime, "duration_ms": optionalCount,
    ])

    private static let run = record(
        [
            "job_id": id, "agent_id": text, "hostname": text, "status": choice(RunState.allCases.map(\.rawValue)),
            "attempt": ["type": "integer", "minimum": 1], "changed": ["type": ["boolean", "null"]],
            "error": optionalError, "digest": digest, "acknowledged_at": optionalTime, "started_at": optionalTime,
            "completed_at": optionalTime, "duration_ms": optionalCount, "data": [:],
        ],
        optional: ["data"]
    )

    private static let runGroup = record([
        "count": ["type": "integer", "minimum": 1], "status": choice(RunState.allCases.map(\.rawValue)),
        "exit_code": ["type": ["integer", "null"]], "changed": ["type": ["boolean", "null"]],
        "error_code": optionalText, "digest": digest,
        "sample_hostnames": ["type": "array", "items": text, "maxItems": JSONValue(RunGroup.maximumSamples)],
        "excerpt": optionalText,
    ])

    private static let timelineEvent = record([
        "timestamp": time, "event": choice(TimelineEvent.Kind.allCases.map(\.rawValue)), "hostname": optionalText,
        "message": optionalText, "error": optionalError,
    ])

    private static let pagination = record([
        "limit": count, "offset": optionalCount, "page": optionalCount, "size": count, "total_pages": optionalCount,
        "next_page": optionalCount, "previous_page": optionalCount, "next_cursor": optionalText,
    ])

    private static let runError = record(["code": text, "message": text])

    private static let agent = record([
        "id": text, "hostname": text, "connected": ["type": "boolean"],
        "labels": ["type": "object", "additionalProperties": text], "facts": anyObject, "version": text,
        "first_seen_at": time, "last_seen_at": time,
        "drain": nullable(record(["since": time, "by": optionalText, "reason": optionalText])),
        "certificate_expires_at": optionalTime,
    ])

    private static let key = record([
        "id": text, "name": text,
        "scopes": ["type": "array", "items": choice(Scope.allCases.map(\.rawValue))],
        "target": optionalText, "operations": ["type": ["array", "null"], "items": text], "created_at": time,
        "created_by": optionalText, "expires_at": optionalTime, "last_used_at": optionalTime,
        "revoked_at": optionalTime, "revoked_by": optionalText,
    ])

    private static let webhook = record([
        "id": text, "url": text,
        "events": webhookEvents, "labels": labels, "job_id": nullable(id),
        "created_at": time, "created_by": optionalText, "previous_secret_until": optionalTime,
        "disabled_at": optionalTime, "disabled_reason": optionalText,
    ])

    private static let webhookEvents: JSONValue = [
        "type": "array", "items": choice(WebhookEventType.selectable.map(\.rawValue)),
    ]

    private static let webhookDelivery = record([
        "id": text, "event": choice(WebhookEventType.allCases.map(\.rawValue)), "job_id": nullable(id),
        "state": choice(WebhookDelivery.State.allCases.map(\.rawValue)), "created_at": time, "attempts": count,
        "next_attempt_at": optionalTime, "last_attempt_at": optionalTime,
        "last_status": ["type": ["integer", "null"]], "last_error": optionalText,
    ])

    private static let object = record([
        "name": text, "sha256": ["type": "string", "pattern": "^[0-9a-f]{64}$"], "size": count, "created_at": time,
        "created_by": optionalText,
    ])

    private static let auditRecord = record([
        "number": ["type": "integer", "minimum": 1], "time": time, "actor": optionalText, "key_id": optionalText,
        "action": text, "outcome": choice(AuditEntry.Outcome.allCases.map(\.rawValue)), "code": optionalText,
        "address": optionalText, "request_id": optionalText, "job_id": optionalText, "subject": optionalText,
        "detail": optionalText, "count": ["type": "integer", "minimum": 1], "previous_hash": text, "hash": text,
    ])

    private static let labels: JSONValue = ["type": "object", "additionalProperties": text]

    private static let enrolment = record([
        "id": text, "hostname": text, "state": choice(EnrolmentState.allCases.map(\.rawValue)),
        "conflict": ["type": "boolean"], "fingerprint": text, "labels": labels, "address": text,
        "requested_at": time, "decided_at": optionalTime, "decided_by": optionalText,
    ])

    private static let enrolmentAnswer = record([
        "enrolment": .reference("Enrolment"),
        "membership": nullable(
            record(
                ["controller": text, "certificate": text, "authorities": text, "job_keys": text],
                optional: ["job_keys"]
            )
        ),
    ])

    private static let joinToken = record(
        [
            "id": text, "labels": labels, "uses": count, "used": count, "created_at": time,
            "created_by": optionalText, "expires_at": time, "revoked_at": optionalTime, "token": text,
        ],
        optional: ["token"]
    )

    private static let operation = record([
        "type": text, "kind": choice(OperationKind.allCases.map(\.rawValue)), "summary": text, "schema": anyObject,
        "result": anyObject, "dry_run": ["type": "boolean"], "limit_ms": count,
        "examples": ["type": "array", "items": record(["title": text, "data": anyObject])],
    ])

    private static let selectedAgent = record(["id": text, "hostname": text, "connected": ["type": "boolean"]])

    private static let status = record([
        "version": text, "jobs": jobCounts,
        "agents": numbers(["known", "connected"]),
        "refusals": ["type": "object", "additionalProperties": count],
    ])

    static let jobCounts = numbers(JobStatus.allCases.map(\.rawValue))

    private static let limits = record([
        "body_bytes": count, "streams": count, "streams_per_key": count, "bodies_bytes": count,
        "bodies_bytes_per_key": count, "json_depth": count, "exports": count, "exports_per_key": count,
        "outputs": count, "outputs_per_key": count,
        "export_days": count,
        "note_characters": count, "target_characters": count,
        "target_depth": count, "request_id_characters": count, "offset": count, "timeline_in_job": count,
        "agents_in_job": count,
        "job_labels": count, "label_name_bytes": count, "label_value_bytes": count,
        "plugins": count, "plugins_bytes": count, "plugin_bytes": count, "plugins_of_agent": count,
        "preview_items": count, "open_jobs": count, "sealed_secrets": count, "retry_attempts": count,
        "retry_backoff_seconds": ["type": "number"], "cancel_grace_seconds": ["type": "number"],
        "lease_seconds": ["type": "number"], "body_seconds": ["type": "number"],
        "requests_per_minute": ["type": ["integer", "null"], "minimum": 1], "failures_per_minute": count,
        "keys": count, "audit_page": numbers(["default", "maximum"]),
        "enrolment_body_bytes": count, "enrolments_waiting": count, "enrolments_waiting_per_address": count,
        "join_tokens": count,
        "deadline_seconds": record([
            "minimum": ["type": "number"], "default": ["type": "number"], "maximum": ["type": "number"],
        ]),
        "page": numbers(["default", "maximum"]), "runs_page": numbers(["default", "maximum"]),
        "jobs_page": numbers(["default", "maximum"]), "groups_page": numbers(["default", "maximum"]),
        "object_bytes": optionalCount, "objects_bytes": optionalCount, "object_uploads": optionalCount,
        "object_uploads_per_key": optionalCount, "object_name_bytes": count,
    ])

    private static let problem = record(
        [
            "type": ["type": "string", "format": "uri-reference"], "title": text, "status": count,
            "code": choice(APIError.Code.allCases.map(\.rawValue)), "detail": text,
            "instance": ["type": "string", "format": "uri-reference"], "request_id": text,
            "errors": ["type": "array", "items": problemFault],
        ],
        optional: ["instance"]
    )

    private static let problemFault = record(
        ["pointer": text, "parameter": text, "detail": text],
        optional: ["pointer", "parameter"]
    )

    // MARK: Words

    private static let text: JSONValue = ["type": "string"]
    private static let optionalText: JSONValue = ["type": ["string", "null"]]
    private static let id: JSONValue = ["type": "string", "format": "uuid"]
    private static let time: JSONValue = ["type": "string", "format": "date-time"]
    private static let optionalTime: JSONValue = ["type": ["string", "null"], "format": "date-time"]
    private static let count: JSONValue = ["type": "integer", "minimum": 0]
    private static let optionalCount: JSONValue = ["type": ["integer", "null"], "minimum": 0]
    private static let digest: JSONValue = ["type": ["string", "null"], "minLength": 64, "maxLength": 64]
    private static let anyObject: JSONValue = ["type": "object"]
    private static let optionalError: JSONValue = nullable(.reference("RunError"))

    private static func nullable(_ schema: JSONValue) -> JSONValue {
        ["oneOf": [schema, ["type": "null"]]]
    }

    private static func choice(_ values: [String]) -> JSONValue {
        ["type": "string", "enum": .array(values.map(JSONValue.string))]
    }

    private static func numbers(_ names: [String]) -> JSONValue {
        record(Dictionary(names.map { ($0, count) }, uniquingKeysWith: { $1 }))
    }

    private static func record(_ properties: [String: JSONValue], optional: Set<String> = []) -> JSONValue {
        let required = properties.keys.filter { !optional.contains($0) }.sorted()
        return [
            "type": "object", "properties": .object(properties), "required": .array(required.map(JSONValue.string)),
            "additionalProperties": false,
        ]
    }
}

extension JSONValue {
    /// A reference to one of ``RecordSchemas``.
    static func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    /// The schema of a part of a listing.
    static func page(of name: String) -> JSONValue { listing(of: name, with: [:], isCounted: true) }

    /// The schema of a part of a listing that is not counted.
    static func uncountedPage(of name: String) -> JSONValue { listing(of: name, with: [:], isCounted: false) }

    /// The schema of a part of the listing of jobs.
    static let jobListing = listing(of: "Job", with: ["status_counts": RecordSchemas.jobCounts], isCounted: false)

    private static func listing(of name: String, with more: [String: JSONValue], isCounted: Bool) -> JSONValue {
        let properties: [String: JSONValue] = [
            "items": ["type": "array", "items": .reference(name)],
            "total_items": ["type": "integer", "minimum": 0], "pagination": .reference("Pagination"),
        ].merging(more) { $1 }
        let required = properties.keys.filter { isCounted || $0 != "total_items" }
        return [
            "type": "object",
            "properties": .object(properties),
            "required": .array(required.sorted().map(JSONValue.string)),
            "additionalProperties": false,
        ]
    }
}
