// SPDX-License-Identifier: Apache-2.0

import Access
import Hummingbird
import JobDispatch
import Jobs
import Logging

/// What is done to an agent: drained and resumed.
struct AgentControlResource: Sendable {
    let jobs: JobService
    let body: BodyReader
    let wallClock: @Sendable () -> Timestamp

    var endpoints: [Endpoint] { [draining, resumption] }

    private var draining: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/agents/{hostname}/drain",
            access: .scope(.agentWrite),
            name: AuditAction.drainAgent,
            summary: "Lets an agent finish what it holds and take nothing new, until it is resumed.",
            body: ControlBodies.drain,
            isBodyOptional: true,
            answer: .init(status: .ok, schema: .reference("Agent"), summary: "The agent."),
            errors: [
                .malformedJSON, .invalidBody, .outOfRange, .bodyTooLarge, .requestTimeout, .unsupportedMediaType,
            ],
            handle: drain
        )
    }

    private var resumption: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/agents/{hostname}/resume",
            access: .scope(.agentWrite),
            name: AuditAction.resumeAgent,
            summary: "Lets an agent that was drained take new work again.",
            answer: .init(status: .ok, schema: .reference("Agent"), summary: "The agent."),
            handle: resume
        )
    }

    private func drain(_ call: Call) async throws -> Response {
        let agent = try call.agent(in: jobs.directory)
        let value = try await body.readOptional(call, fitting: ControlBodies.drainSchema)
        let drained = try await jobs.drain(
            agent.id,
            by: call.requester,
            reason: value["reason"]?.string,
            now: wallClock()
        )
        call.context.logger.info("agent drained", metadata: ["hostname": "\(agent.hostname)"])
        return try .json(drained)
    }

    private func resume(_ call: Call) async throws -> Response {
        let agent = try call.agent(in: jobs.directory)
        let resumed = try await jobs.resume(agent.id, by: call.requester, now: wallClock())
        call.context.logger.info("agent resumed", metadata: ["hostname": "\(agent.hostname)"])
        return try .json(resumed)
    }
}
