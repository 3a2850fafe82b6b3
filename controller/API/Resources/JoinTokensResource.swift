// SPDX-License-Identifier: Apache-2.0

import Access
import Enrolment
import Hummingbird
import JobDispatch
import Jobs

/// `/api/v1/join-tokens`: what hosts are given to become agents.
struct JoinTokensResource: Sendable {
    let enrolment: EnrolmentService
    let body: BodyReader
    let wallClock: @Sendable () -> Timestamp
    let audit: EnrolmentAudit

    var endpoints: [Endpoint] { [creation, listing, revocation] }

    private var creation: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/join-tokens",
            access: .scope(.agentWrite),
            name: "createJoinToken",
            summary: "Makes a join token, which is shown only now.",
            body: EnrolmentBodies.token,
            isBodyOptional: true,
            answer: .init(status: .created, schema: .reference("JoinToken"), summary: "The token."),
            errors: [
                .malformedJSON, .invalidBody, .outOfRange, .bodyTooLarge, .requestTimeout, .unsupportedMediaType,
                .tooManyEnrolments, .noAuthority,
            ],
            handle: create
        )
    }

    private var listing: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/join-tokens",
            access: .scope(.agentRead),
            name: "listJoinTokens",
            summary: "Join tokens, newest first, without what is secret of them.",
            answer: .init(status: .ok, schema: .page(of: "JoinToken"), summary: "All of them."),
            handle: list
        )
    }

    private var revocation: Endpoint {
        Endpoint(
            method: .delete,
            path: "/api/v1/join-tokens/{id}",
            access: .scope(.agentWrite),
            name: "revokeJoinToken",
            summary: "Makes a join token of no more use; agents that it has made stay.",
            answer: .init(status: .ok, schema: .reference("JoinToken"), summary: "The token."),
            handle: revoke
        )
    }

    // MARK: Calls

    private func create(_ call: Call) async throws -> Response {
        try call.requireUnlimited()
        let value = try await body.readOptional(call, fitting: EnrolmentBodies.tokenSchema)
        let lifetime = try EnrolmentBodies.number("ttl", in: EnrolmentBodies.lifetimes, value) ?? 3600
        let uses = Double(EnrolmentBodies.uses.lowerBound)...Double(EnrolmentBodies.uses.upperBound)
        let token = try await enrolment.createToken(
            lifetime: .milliseconds(Int64(lifetime * 1000)),
            uses: Int(try EnrolmentBodies.number("uses", in: uses, value) ?? 1),
            labels: try EnrolmentBodies.labels(value) ?? [:],
            by: call.requester.name,
            now: wallClock()
        )
        try await audit.note(AuditAction.createJoinToken, token.id, by: call)
        return try .json(token, status: .created, location: "/api/v1/join-tokens/\(token.id)")
    }

    private func list(_ call: Call) async throws -> Response {
        try call.requireUnlimited()
        let tokens = try await enrolment.tokens()
        return try .json(Page(items: tokens, total: tokens.count, limit: tokens.count, offset: 0))
    }

    private func revoke(_ call: Call) async throws -> Response {
        try call.requireUnlimited()
        let token = try await enrolment.revokeToken(call.parameter("id") ?? "", now: wallClock())
        try await audit.note(AuditAction.revokeJoinToken, token.id, by: call)
        return try .json(token)
    }
}
