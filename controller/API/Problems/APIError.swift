// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Jobs

/// A request that cannot be answered as asked: the one error of this module.
struct APIError: Error, Sendable {
    /// Why; the value is what the answer carries as `code`.
    enum Code: String, Sendable, CaseIterable {
        case malformedRequest = "malformed_request"
        case malformedJSON = "malformed_json"
        case invalidBody = "invalid_body"
        case unknownOperation = "unknown_operation"
        case invalidParameters = "invalid_parameters"
        case invalidTarget = "invalid_target"
        case emptyTarget = "empty_target"
        case outOfRange = "out_of_range"
        case idempotencyKeyReused = "idempotency_key_reused"
        case idempotencyKeyInUse = "idempotency_key_in_use"
        case jobDeleted = "job_deleted"
        case jobFinished = "job_finished"
        case jobNotFinished = "job_not_finished"
        case runNotFinished = "run_not_finished"
        case noOutput = "no_output"
        case outputGone = "output_gone"
        case agentOffline = "agent_offline"
        case nothingToRetry = "nothing_to_retry"
        case tooManyOpenJobs = "too_many_open_jobs"
        case invalidQuery = "invalid_query"
        case invalidCertificateRequest = "invalid_certificate_request"
        case enrolmentRefused = "enrolment_refused"
        case tooManyEnrolments = "too_many_enrolments"
        case ambiguousHost = "ambiguous_host"
        case noAuthority = "no_authority"
        case unauthorized
        case forbidden
        case tooManyRequests = "too_many_requests"
        case keyNameTaken = "key_name_taken"
        case tooManyKeys = "too_many_keys"
        case tooManyWebhooks = "too_many_webhooks"
        case invalidObjectName = "invalid_object_name"
        case digestMismatch = "digest_mismatch"
        case objectsFull = "objects_full"
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case notAcceptable = "not_acceptable"
        case preconditionFailed = "precondition_failed"
        case rangeNotSatisfiable = "range_not_satisfiable"
        case requestTimeout = "request_timeout"
        case bodyTooLarge = "body_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case internalError = "internal_error"
        case unavailable
    }

    /// Why.
    let code: Code
    /// What is wrong, in words for who made the request.
    let message: String
    /// Where in the body or the query.
    var faults: [ProblemFault] = []
    /// What the answer says in its headers, beside what its code says.
    var headers: HTTPFields = [:]

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// An error whose reasons are in the body.
    init(_ code: Code, _ message: String, faults: [Fault]) {
        self.init(code, message)
        self.faults = faults.map(ProblemFault.init)
    }

    /// An error whose reason is a parameter of the query.
    init(_ code: Code, _ message: String, parameter: String) {
        self.init(code, message)
        faults = [ProblemFault(parameter: parameter, detail: message)]
    }
}
