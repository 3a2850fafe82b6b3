// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs

/// Problem details (RFC 9457): the body of every answer that is not a success.
struct Problem: Encodable, Sendable {
    static let mediaType = "application/problem+json"
    /// The path of the page that says what each type of problem is.
    static let typesPath = "/docs/problems"
    /// No more of a path is repeated, in bytes.
    private static let longestInstance = 2048

    let type: String
    let title: String
    let status: Int
    let code: String
    let detail: String
    /// The path of the request; nil where its head could not be read.
    let instance: String?
    let requestID: String
    let errors: [ProblemFault]

    enum CodingKeys: String, CodingKey {
        case type
        case title
        case status
        case code
        case detail
        case instance
        case requestID = "request_id"
        case errors
    }

    /// The path of a request as a part of a URL, whatever the client has sent.
    static func instance(_ path: String) -> String {
        let bytes = Array(path.utf8.prefix(longestInstance))
        var text = ""
        for (place, byte) in bytes.enumerated() {
            let isEscape = bytes[place...].prefix(3).dropFirst().count { isHexadecimal($0) } == 2
            switch byte {
            case UInt8(ascii: "%") where !isEscape: text += "%25"
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "-._~!$&'()*+,;=:@/%".utf8.contains(byte): text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}

extension APIError {
    /// The answer that tells this error.
    ///
    /// - Parameters:
    ///   - path: of the request.
    ///   - requestID: of the request.
    /// - Returns: the answer, which has yet to get what all answers have.
    func response(at path: String, requestID: String) -> Response {
        let (headers, body) = content(instance: Problem.instance(path), requestID: requestID)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// The answer that tells this error, for where no router adds what all answers have.
    func bareResponse(requestID: String) -> (head: HTTPResponse, body: ByteBuffer) {
        var (headers, body) = content(instance: nil, requestID: requestID)
        headers[.contentLength] = String(body.readableBytes)
        RequestIDMiddleware.complete(&headers, requestID: requestID)
        return (HTTPResponse(status: status, headerFields: headers), body)
    }

    private func content(instance: String?, requestID: String) -> (headers: HTTPFields, body: ByteBuffer) {
        let problem = Problem(
            type: code.type,
            title: code.title,
            status: status.code,
            code: code.rawValue,
            detail: message,
            instance: instance,
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
