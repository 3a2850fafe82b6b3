// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs
import Logging

/// Gives every request an id, for the answer and for the log, and says that answers are not to be kept.
///
/// A client may bring its own id, and say to which trace the request belongs; what is not of the allowed form is passed
/// over, since it ends up in the log.
struct RequestIDMiddleware: RouterMiddleware {
    static let maximumLength = 64

    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = request.headers[.requestID].flatMap(Self.checked) ?? Self.random()
        context.logger[metadataKey: "request.id"] = "\(context.requestID)"
        if let trace = request.headers[.traceParent].flatMap(TraceContext.init) {
            context.trace = trace
            context.logger[metadataKey: "trace.id"] = "\(trace.traceID)"
            context.logger[metadataKey: "trace.parent"] = "\(trace.parentID)"
        }
        var response = try await next(request, context)
        Self.complete(&response.headers, requestID: context.requestID)
        return response
    }

    /// Adds what every answer has.
    static func complete(_ headers: inout HTTPFields, requestID: String) {
        headers[.requestID] = requestID
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        headers[.xContentTypeOptions] = "nosniff"
    }

    private static func checked(_ id: String) -> String? {
        let isPlain = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isPlain && (1...maximumLength).contains(id.utf8.count) ? id : nil
    }

    /// An id that nobody has had.
    static func random() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

extension HTTPField.Name {
    /// `Request-Id`.
    static let requestID = known("Request-Id")
    /// `traceparent`.
    static let traceParent = known("traceparent")

    /// The name of a header that the code itself spells out.
    static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no name of a header") }
        return name
    }
}
