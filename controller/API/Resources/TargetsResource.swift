// SPDX-License-Identifier: Apache-2.0

import Access
import JobDispatch
import Hummingbird
import Jobs

/// `/api/v1/targets`: trying out target expressions.
struct TargetsResource: Sendable {
    let jobs: JobService
    let body: BodyReader

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .post,
                path: "/api/v1/targets/preview",
                access: .scope(.agentRead),
                name: "previewTarget",
                summary: "Whom a target selects now; nothing is stored.",
                body: Self.shape(target: SubmissionBody.describedTarget),
                answer: .init(
                    status: .ok,
                    schema: .page(of: "SelectedAgent"),
                    summary: "The first \(PageSize.preview) agents, and how many there are."
                ),
                errors: [
                    .malformedJSON, .invalidBody, .invalidTarget, .emptyTarget, .bodyTooLarge, .requestTimeout,
                    .unsupportedMediaType,
                ],
                handle: preview
            )
        ]
    }

    private static let schema = JSONSchema.ofBody(shape(target: SubmissionBody.target))

    private static func shape(target: JSONValue) -> JSONValue {
        [
            "type": "object", "properties": ["target": target], "required": ["target"], "additionalProperties": false,
        ]
    }

    private func preview(_ call: Call) async throws -> Response {
        let body = try await body.read(call, fitting: Self.schema)
        let agents = try jobs.preview(body["target"]?.string ?? "", within: call.requester.limit)
        let items = agents.prefix(PageSize.preview).map(SelectedAgent.init)
        return try .json(Page(items: items, total: agents.count, limit: PageSize.preview, offset: 0))
    }
}

/// What the preview of a target shows of an agent.
private struct SelectedAgent: Encodable, Sendable {
    let id: AgentID
    let hostname: String
    let connected: Bool

    init(_ agent: Agent) {
        id = agent.id
        hostname = agent.hostname
        connected = agent.connected
    }
}
