// SPDX-License-Identifier: Apache-2.0

import Access
import Enrolment
import Hummingbird
import JobDispatch
import Jobs

/// What people do about hosts that want to be agents, and about agents that are to be none any more.
struct EnrolmentControlResource: Sendable {
    let enrolment: EnrolmentService
    let body: BodyReader
    let wallClock: @Sendable () -> Timestamp
    let audit: EnrolmentAudit

    var endpoints: [Endpoint] { [listing, acceptance, rejection, revocation] }

    private var listing: Endpoint {
        let state = QueryParameter(
            name: "state",
            kind: .choice(EnrolmentState.allCases.map(\.rawValue)),
            summary: "Only requests that stand so."
        )
        return Endpoint(
            method: .get,
            path: "/api/v1/enrolments",
            access: .scope(.agentRead),
            name: "listEnrolments",
            summary: "Requests of hosts to be agents, newest first.",
            query: [state, .limit(PageSize.standard), .offset],
            answer: .init(status: .ok, schema: .page(of: "Enrolment"), summary: "A part of the listing."),
            errors: [.outOfRange],
            handle: list
        )
    }

    private var acceptance: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/enrolments/{host}/accept",
            access: .scope(.agentWrite),
            name: "acceptEnrolment",
            summary: "Makes a host that waits an agent; whoever had its name before is cut off. By name or by id.",
            body: EnrolmentBodies.acceptance,
            isBodyOptional: true,
            answer: .init(status: .ok, schema: .reference("Enrolment"), summary: "The request."),
            errors: [
                .malformedJSON, .invalidBody, .outOfRange, .bodyTooLarge, .requestTimeout, .unsupportedMediaType,
                .ambiguousHost,
            ],
            handle: accept
        )
    }

    private var rejection: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/enrolments/{host}/reject",
            access: .scope(.agentWrite),
            name: "rejectEnrolment",
            summary: "Refuses a host that waits, for good. By name or by id.",
            answer: .init(status: .ok, schema: .reference("Enrolment"), summary: "The request."),
            errors: [.ambiguousHost],
            handle: reject
        )
    }

    private var revocation: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/agents/{hostname}/revoke",
            access: .scope(.agentWrite),
            name: "revokeAgent",
            summary:
                "Cuts an agent off at once, and refuses its certificate and its keys from now on. By name or by id.",
            answer: .init(status: .noContent, schema: nil, summary: "It is revoked."),
            handle: revoke
        )
    }

    // MARK: Calls

    private func list(_ call: Call) async throws -> Response {
        try call.requireUnlimited()
        let state = call.query.text("state").flatMap(EnrolmentState.init)
        let page = try await enrolment.enrolments(state: state, limit: call.query.limit, offset: call.query.offset)
        return try .json(page)
    }

    private func accept(_ call: Call) async throws -> Response {
        try call.requireUnlimited()
        let value = try await body.readOptional(call, fitting: EnrolmentBodies.acceptanceSchema)
        let accepted = try await enrolment.accept(
            call.parameter("host") ?? "",
            labels: try EnrolmentBodies.labels(value),
            by: call.requester.name,
            now: wallClock()
        )
        try await audit.note(AuditAction.acceptEnrolment, accepted.subject, by: call)
        return try .json(accepted)
    }

    private func reject(_ call: Call) async throws -> Response {
        try call.requireUnlimited()
        let rejected = try await enrolment.reject(
            call.parameter("host") ?? "",
            by: call.requester.name,
            now: wallClock()
        )
        try await audit.note(AuditAction.rejectEnrolment, rejected.subject, by: call)
        return try .json(rejected)
    }

    private func revoke(_ call: Call) async throws -> Response {
        try call.requireUnlimited()
        let id = try await enrolment.agent(call.parameter("hostname") ?? "")
        guard try await enrolment.revoke(id, by: call.requester.name, now: wallClock()) else {
            throw APIError(.notFound, "there is no agent '\(call.shown("hostname"))'")
        }
        try await audit.note(AuditAction.revokeAgent, "\(call.shown("hostname")) (\(id))", by: call)
        return Response(status: .noContent)
    }
}

extension Enrolment {
    /// How the audit log calls the host.
    fileprivate var subject: String { "\(hostname) (\(id))" }
}
