// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What can follow a call: which parameters of which calls are to be had from its answer.
///
/// They are for programs that go through the API by its description, as checkers do.
enum ResponseLinks {
    /// The calls of the description, each with the names of the parameters in its path.
    typealias Calls = [String: [String]]

    /// Where in an answer the parameters of other calls are.
    private struct Source {
        let call: String
        /// By the name of the parameter, a runtime expression.
        let values: [String: String]
        let targets: [String]
    }

    private static let ofJob = [
        "getJob", "cancelJob", "retryJob", "deleteJob", "listRuns", "getTimeline", "streamJobEvents",
    ]
    private static let ofAgent = ["getAgent", "drainAgent", "resumeAgent", "revokeAgent"]
    private static let ofWebhook = [
        "getWebhook", "enableWebhook", "testWebhook", "listDeliveries", "rotateWebhookSecret", "deleteWebhook",
    ]
    private static let ofEnrolment = ["acceptEnrolment", "rejectEnrolment"]

    private static let sources = [
        Source(call: "submitJob", values: ["id": body("/id")], targets: ofJob),
        Source(call: "retryJob", values: ["id": body("/id")], targets: ofJob),
        Source(call: "listJobs", values: ["id": body("/items/0/id")], targets: ofJob),
        Source(call: "listAgents", values: ["hostname": body("/items/0/hostname")], targets: ofAgent),
        Source(call: "createKey", values: ["id": body("/key/id")], targets: ["revokeKey"]),
        Source(call: "createJoinToken", values: ["id": body("/id")], targets: ["revokeJoinToken"]),
        Source(call: "enrol", values: ["host": body("/enrolment/id")], targets: ofEnrolment),
        Source(call: "listEnrolments", values: ["host": body("/items/0/id")], targets: ofEnrolment),
        Source(call: "createWebhook", values: ["id": body("/webhook/id")], targets: ofWebhook),
        Source(call: "listWebhooks", values: ["id": body("/items/0/id")], targets: ofWebhook),
        Source(
            call: "testWebhook",
            values: ["id": "$request.path.id", "delivery": body("/id")],
            targets: ["replayDelivery"]
        ),
        Source(
            call: "listDeliveries",
            values: ["id": "$request.path.id", "delivery": body("/items/0/id")],
            targets: ["replayDelivery"]
        ),
    ]

    private static func body(_ pointer: String) -> String { "$response.body#\(pointer)" }

    /// The links of the answer of a call, by name; only to such calls as there are.
    static func links(of call: String, to calls: Calls) -> [String: JSONValue] {
        var links: [String: JSONValue] = [:]
        for source in sources where source.call == call {
            for target in source.targets where calls[target].map(Set.init) == Set(source.values.keys) {
                links[target] = [
                    "operationId": .string(target), "parameters": .object(source.values.mapValues(JSONValue.string)),
                ]
            }
        }
        return links
    }
}
