// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs

/// Problem details (RFC 9457): the body of every answer that is not a success.
struct Problem: Encodable, Sendable {
    static let mediaType = "application/problem+json"

    let type = "about:blank"
    let title: String
    let status: Int
    let code: String
    let detail: String
    let requestID: String
    let errors: [Fault]

    enum CodingKeys: String, CodingKey {
        case type
        case title
        case status
        case code
        case detail
        case requestID = "request_id"
        case errors
    }
}

extension APIError {
    /// The answer that tells this error.
    func response(requestID: String) -> Response {
        let (headers, body) = content(requestID: requestID)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// The answer that tells this error, for where no router adds what all answers have.
    func bareResponse(requestID: String) -> (head: HTTPResponse, body: ByteBuffer) {
        var (headers, body) = content(requestID: requestID)
        headers[.contentLength] = String(body.readableBytes)
        RequestIDMiddleware.complete(&headers, requestID: requestID)
        return (HTTPResponse(status: status, headerFields: headers), body)
    }

    private func content(requestID: String) -> (headers: HTTPFields, body: ByteBuffer) {
        let problem = Problem(
            title: status.reasonPhrase,
            status: status.code,
            code: code.rawValue,
            detail: message,
            requestID: requestID,
            errors: faults
        )
        var headers = headers
        headers[.contentType] = Problem.mediaType
        if code == .unauthorized { headers[.wwwAuthenticate] = "Bearer realm=\"broker\"" }
        if [.unavailable, .tooManyOpenJobs, .tooManyEnrolments].contains(code) { headers[.retryAfter] = "5" }
        // Nothing in a problem can fail to encode; an empty body with the right status is better than no answer.
        let bytes = (try? JSON.encode(problem)) ?? []
        return (headers, ByteBuffer(bytes: bytes))
    }
}
