// SPDX-License-Identifier: Apache-2.0

// What each kind of problem is, for people: the titles of answers, and the page that their `type` refers to.

extension APIError.Code {
    /// The URL of the kind of problem, below that of the controller: a place of ``ProblemsPage``.
    var type: String { "\(Problem.typesPath)#\(rawValue)" }

    /// The name of the kind of problem, the same in each answer.
    var title: String {
        switch self {
        case .malformedJSON: "Malformed JSON"
        default:
            // The words of the code.
            rawValue.prefix(1).uppercased() + rawValue.dropFirst().map { $0 == "_" ? " " : $0 }
        }
    }

    /// When it is answered, and what to do about it where that is not plain.
    var meaning: String {
        switch self {
        case .malformedRequest: "What came is not HTTP, or its head is too large. The connection is closed."
        case .malformedJSON: "The body is not JSON, has a member twice, or is nested too deep."
        case .invalidBody: "A field of the body is missing, unknown, or of the wrong type."
        case .unknownOperation: "There is no such operation."
        case .invalidParameters: "The data of the operation does not fit its schema."
        case .invalidTarget: "The target cannot be parsed."
        case .emptyTarget: "The target selects no agent."
        case .outOfRange: "A number, or the length of a text, is outside its limits."
        case .invalidQuery: "A parameter of the query is unknown, missing, there twice, or not of its type."
        case .invalidCertificateRequest:
            "It is no PKCS#10, not signed with its own key, or of a key that is no P-256 or P-384; or the hostname is none."
        case .unauthorized: "There is no key, or one that is wrong, revoked or expired."
        case .forbidden: "The key lacks the scope that the call needs, or what is asked for is beyond its limits."
        case .enrolmentRefused:
            "The token is unknown, revoked, over or used up; or the key is rejected, revoked or another host's."
        case .notFound: "There is no such job, agent, key or path."
        case .methodNotAllowed: "The path exists, the method does not; the header Allow names those that do."
        case .notAcceptable:
            "The header Accept excludes what the call answers, such as application/json. Nothing was done."
        case .requestTimeout: "The body did not come in time."
        case .keyNameTaken: "A key that is not revoked has this name."
        case .tooManyKeys: "There are as many keys as may be, and none of them was revoked."
        case .tooManyWebhooks: "There are as many webhooks as may be; delete some of them."
        case .idempotencyKeyInUse: "The first submission with this idempotency key is still being taken. Ask again."
        case .jobDeleted: "The job that was made with this idempotency key has been deleted."
        case .jobFinished: "The job has ended, and there is nothing to cancel."
        case .jobNotFinished: "The job has not ended, and cannot be retried or deleted yet."
        case .runNotFinished: "The run has not ended, and its output comes with its end. Ask again."
        case .noOutput: "The run has ended without output, or its operation has none: none will come."
        case .outputGone:
            "The agent keeps the whole output of a run for a while only, and has it no more. The record has its ends."
        case .agentOffline:
            "What is asked for is on the host, and its agent is not connected or does not answer. Ask again."
        case .rangeNotSatisfiable:
            "The header Range asks for bytes behind the last one; Content-Range says how many there are."
        case .nothingToRetry:
            "No run of the job is among those that were asked for, or none of its hosts is known any more."
        case .ambiguousHost: "Several hosts of this name wait: name one by its id."
        case .noAuthority: "This controller issues no certificates."
        case .preconditionFailed:
            "The header If-Match names a version that is not the present one, or If-None-Match says that there must be none. Nothing was done."
        case .invalidObjectName: "The name of an object has other characters than it may have, or too many."
        case .digestMismatch: "The bytes that came are not those whose SHA-256 was announced. Nothing was stored."
        case .objectsFull: "All stored objects together would have too many bytes. Delete some of them."
        case .bodyTooLarge: "The body has more bytes than one may have."
        case .unsupportedMediaType: "The body is not application/json in UTF-8."
        case .idempotencyKeyReused: "The idempotency key was used for another submission."
        case .tooManyRequests:
            "The key asks too often, has too many bytes of bodies, streams or exports, or too many wrong keys came from its address."
        case .tooManyOpenJobs: "As many jobs are open as may be. Wait until some have ended."
        case .tooManyEnrolments: "Too many hosts wait to be accepted, or this address was refused too often."
        case .internalError: "A fault of the controller. Its log has more under the id of the request."
        case .unavailable:
            "The store takes no writes, the controller is going down, or too much is under way: bodies, streams, exports. Ask again."
        }
    }
}
