// SPDX-License-Identifier: Apache-2.0

import Enrolment
import Hummingbird
import Jobs

/// How a host becomes an agent: what it asks for itself, without a key.
struct EnrolmentResource: Sendable {
    let enrolment: EnrolmentService
    /// Bodies here are of strangers, and small.
    let body = BodyReader(maximumBytes: EnrolmentBodies.maximumBytes, maximumDepth: 4)
    let wallClock: @Sendable () -> Timestamp

    var endpoints: [Endpoint] { [authorities, request] }

    private var authorities: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/authorities",
            access: .open,
            name: "getAuthorities",
            summary: "The authorities of the controller's and the agents' certificates; compare the fingerprint.",
            answer: .init(status: .ok, schema: .reference("Authorities"), summary: "Certificates, PEM."),
            errors: [.noAuthority, .internalError],
            handle: { _ in try .json(["authorities": try enrolment.authorities()]) }
        )
    }

    private var request: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/enrolments",
            access: .open,
            name: "enrol",
            summary: "Asks for a host to be an agent; asked again with the same key, it tells how the request stands.",
            body: EnrolmentBodies.request,
            answer: .init(
                status: .ok,
                schema: .reference("EnrolmentAnswer"),
                summary: "The request; with a certificate where it is accepted."
            ),
            errors: [
                .malformedJSON, .invalidBody, .bodyTooLarge, .requestTimeout, .unsupportedMediaType,
                .invalidCertificateRequest, .enrolmentRefused, .tooManyEnrolments, .noAuthority, .internalError,
            ],
            handle: enrol
        )
    }

    private func enrol(_ call: Call) async throws -> Response {
        let value = try await body.read(call, fitting: EnrolmentBodies.requestSchema)
        let request = EnrolmentRequest(
            hostname: try EnrolmentBodies.hostname(value),
            certificateRequest: value["certificate_request"]?.string ?? "",
            secret: value["secret"]?.string
        )
        let address = call.context.address ?? "unknown"
        return try .json(try await enrolment.enrol(request, from: address, now: wallClock()))
    }
}
