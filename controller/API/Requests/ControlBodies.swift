// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Store

/// The bodies of the calls that do something to a job or an agent; each may be left out.
enum ControlBodies {
    private static let reason: JSONValue = ["type": ["string", "null"], "description": "Why, for people."]

    private static let describedReason = reason.adding(["maxLength": JSONValue(JobLimits().noteLength)])

    private static func cancel(reason: JSONValue, grace: [String: JSONValue]) -> JSONValue {
        [
            "type": "object",
            "properties": [
                "reason": reason,
                "grace":
                    ([
                        "type": ["number", "null"],
                        "description": "Seconds from SIGTERM to SIGKILL; left out for what each agent's settings say.",
                    ] as JSONValue).adding(grace),
            ],
            "additionalProperties": false,
        ]
    }

    /// Of `POST /api/v1/jobs/{id}/cancel`, for the description of the API.
    static let cancel = cancel(
        reason: describedReason,
        grace: [
            "minimum": .double(CancelRequest.graces.lowerBound), "maximum": .double(CancelRequest.graces.upperBound),
        ]
    )

    /// Of `POST /api/v1/jobs/{id}/retry`.
    static let retry: JSONValue = [
        "type": "object",
        "properties": [
            "only": [
                "enum": .array(RetrySelection.allCases.map { .string($0.rawValue) }),
                "description": "Which runs: those that failed or timed out; those that did not complete; all.",
            ]
        ],
        "additionalProperties": false,
    ]

    /// Of `POST /api/v1/agents/{hostname}/drain`, for the description of the API.
    static let drain = drain(reason: describedReason)

    private static func drain(reason: JSONValue) -> JSONValue {
        ["type": "object", "properties": ["reason": reason], "additionalProperties": false]
    }

    // Bounds are not in these: what is outside them is refused with a code of its own.

    static let cancelSchema = JSONSchema.ofBody(cancel(reason: reason, grace: [:]))
    static let retrySchema = JSONSchema.ofBody(retry)
    static let drainSchema = JSONSchema.ofBody(drain(reason: reason))

    /// The request that a body stands for; it must fit ``cancelSchema``.
    ///
    /// - Throws: ``APIError`` `out_of_range` for a grace outside its bounds.
    static func cancel(_ body: JSONValue, by name: String?) throws(APIError) -> NewCancel {
        let grace = body["grace"]?.number
        if let grace, !CancelRequest.graces.contains(grace) {
            let detail = "a grace is 0 to \(Int(CancelRequest.graces.upperBound)) seconds"
            throw APIError(.outOfRange, detail, faults: [Fault(pointer: "/grace", detail: detail)])
        }
        return NewCancel(
            grace: grace.map { .milliseconds(Int64($0 * 1000)) },
            requestedBy: name,
            reason: body["reason"]?.string
        )
    }
}
