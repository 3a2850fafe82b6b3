// SPDX-License-Identifier: Apache-2.0

import Enrolment
import JobDispatch
import HTTPTypes
import Objects
import Store

// The one place where errors of all modules become answers.

extension APIError {
    /// What the client is told of an error.
    ///
    /// A fault of the controller is told without its text, which may hold paths and SQL; the log has it, with the id of
    /// the request.
    init(mapping error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as SubmissionError:
            self.init(Code(error.code), error.message, faults: error.faults)
        case let error as StoreError: self.init(mapping: error)
        case let error as ObjectError:
            self.init(Code(error.code), error.message)
            if error.code == .tooManyUploadsOfKey { headers[.retryAfter] = "1" }
        case let error as OutputFault: self.init(mapping: error)
        case let error as EnrolmentError: self.init(Code(error.code), error.message)
        case is CancellationError:
            self.init(.unavailable, "the controller is going down")
        default:
            self.init(.internalError, "the controller failed; its log has more under this request's id")
        }
    }

    private init(mapping fault: OutputFault) {
        switch fault {
        case .offline: self.init(.agentOffline, "the agent is not connected, or its link was lost")
        case .silent: self.init(.agentOffline, "the agent does not answer, or knows nothing of this")
        case .gone: self.init(.outputGone, "the agent has the whole output no more; the record has its ends")
        case .busy: self.init(.unavailable, "as much output of the agent is being sent as may be")
        case .untaken: self.init(.requestTimeout, "the output was not taken in time")
        case .broken: self.init(.internalError, "the agent's answer is not to the question")
        }
    }

    private init(mapping error: StoreError) {
        switch error.code {
        case .full: self.init(.unavailable, "the store is full")
        case .inaccessible, .corrupt, .newerSchema: self.init(.unavailable, "the store cannot be used")
        case .failed: self.init(.internalError, "the store failed; the controller's log has more")
        }
    }

    /// The HTTP status that goes with the code.
    var status: HTTPResponse.Status {
        switch code {
        case .malformedRequest, .malformedJSON, .invalidBody, .unknownOperation, .invalidParameters, .invalidTarget,
            .emptyTarget, .outOfRange, .invalidQuery, .invalidCertificateRequest, .invalidObjectName, .digestMismatch:
            .badRequest
        case .idempotencyKeyReused: .unprocessableContent
        case .keyNameTaken, .tooManyKeys, .tooManyWebhooks, .idempotencyKeyInUse, .jobDeleted, .jobFinished,
            .jobNotFinished, .runNotFinished, .agentOffline,
            .nothingToRetry, .ambiguousHost, .noAuthority:
            .conflict
        case .enrolmentRefused: .forbidden
        case .tooManyOpenJobs, .tooManyRequests, .tooManyEnrolments: .tooManyRequests
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .notFound, .noOutput: .notFound
        case .outputGone: .gone
        case .rangeNotSatisfiable: .rangeNotSatisfiable
        case .methodNotAllowed: .methodNotAllowed
        case .notAcceptable: .notAcceptable
        case .preconditionFailed: .preconditionFailed
        case .requestTimeout: .requestTimeout
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .objectsFull: .insufficientStorage
        case .internalError: .internalServerError
        case .unavailable: .serviceUnavailable
        }
    }
}

extension HTTPResponse.Status {
    /// 507, RFC 4918.
    fileprivate static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}

extension APIError.Code {
    init(_ code: ObjectError.Code) {
        switch code {
        case .tooLarge: self = .bodyTooLarge
        case .full: self = .objectsFull
        case .digestMismatch: self = .digestMismatch
        case .tooManyUploadsOfKey: self = .tooManyRequests
        case .tooManyUploads: self = .unavailable
        case .exists: self = .preconditionFailed
        }
    }

    init(_ code: EnrolmentError.Code) {
        switch code {
        case .invalidRequest: self = .invalidCertificateRequest
        case .refused: self = .enrolmentRefused
        case .tooMany: self = .tooManyEnrolments
        case .noAuthority: self = .noAuthority
        case .notFound: self = .notFound
        case .ambiguous: self = .ambiguousHost
        case .failed: self = .internalError
        }
    }

    init(_ code: SubmissionError.Code) {
        switch code {
        case .unknownOperation: self = .unknownOperation
        case .invalidParameters: self = .invalidParameters
        case .invalidTarget: self = .invalidTarget
        case .emptyTarget: self = .emptyTarget
        case .outOfRange: self = .outOfRange
        case .idempotencyKeyReused: self = .idempotencyKeyReused
        case .idempotencyKeyInUse: self = .idempotencyKeyInUse
        case .jobDeleted: self = .jobDeleted
        case .jobFinished: self = .jobFinished
        case .jobNotFinished: self = .jobNotFinished
        case .nothingToRetry: self = .nothingToRetry
        case .tooManyOpenJobs: self = .tooManyOpenJobs
        case .notFound: self = .notFound
        case .forbidden: self = .forbidden
        }
    }
}
