// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs

/// One call of the API: what the router, the check of queries and the OpenAPI description need to know of it.
struct Endpoint: Sendable {
    /// Who may make the call.
    enum Access: Hashable, Sendable {
        /// Whoever has a key with this scope.
        case scope(Scope)
        /// Whoever has a key.
        case anyKey
        /// Everybody.
        case open
    }

    /// What the call answers when all is well.
    struct Answer: Sendable {
        let status: HTTPResponse.Status
        /// The JSON Schema of the body, as it stands in the OpenAPI description; nil where there is no body.
        let schema: JSONValue?
        let summary: String
        /// What the body is.
        var mediaType = "application/json"
        /// What else it can be, of the same schema, where the client wants that more.
        var otherMediaTypes: [String] = []
        /// What the answer has in headers of its own: their names, and what they say.
        var headers: [String: String] = [:]

        /// All that the body can be.
        var mediaTypes: [String] { [mediaType] + otherMediaTypes }
    }

    let method: HTTPRequest.Method
    /// The path as OpenAPI writes it: `/api/v1/jobs/{id}`.
    let path: String
    let access: Access
    /// The name of the call in the OpenAPI description.
    let name: String
    /// A sentence on what it does.
    let summary: String
    var query: [QueryParameter] = []
    /// The JSON Schema of the body; nil where there is none.
    var body: JSONValue?
    /// What the body is.
    var bodyType = "application/json"
    /// Whether the body may be left out.
    var isBodyOptional = false
    /// Whether the answer has an `ETag`, and can be left out where the client has it.
    var isTagged = false
    /// Whether a part of the answer can be asked for.
    var isRanged = false
    let answer: Answer
    /// What else the answer's status can be when all is well.
    var otherStatus: HTTPResponse.Status?
    /// The codes of the errors that the call can give beside those that every call can.
    var errors: [APIError.Code] = []
    let handle: @Sendable (Call) async throws -> Response

    /// Checks conditions and query, and makes the call.
    func respond(to request: Request, context: APIContext) async throws -> Response {
        // What watches the process, and who looks at pages, is not to be refused for a header.
        if access != .open { try checkConditions(request) }
        // Whoever probes an open path may add what they like, to get past caches.
        let query = access == .open ? Query() : try Query(request.uri.query, allowed: query)
        return try await handle(Call(request: request, context: context, query: query))
    }

    /// The path as the router writes it: `/api/v1/jobs/:id`.
    var routerPath: RouterPath {
        RouterPath(path.split(separator: "/").map { "/" + (Self.parameter($0).map { ":" + $0 } ?? $0) }.joined())
    }

    /// What the description of the API has the call under: the first word of its path below `/api/v1`.
    var tag: String {
        let words = path.split(separator: "/")
        return words.starts(with: ["api", "v1"]) && words.count > 2 ? String(words[2]) : "controller"
    }

    /// The names of the parameters in the path.
    var pathParameters: [String] {
        path.split(separator: "/").compactMap { Self.parameter($0).map(String.init) }
    }

    /// The name in a segment such as `{id}`; nil for a plain segment.
    static func parameter(_ segment: Substring) -> Substring? {
        segment.hasPrefix("{") && segment.hasSuffix("}") ? segment.dropFirst().dropLast() : nil
    }
}

/// A request on its way through an endpoint, its query checked.
struct Call: Sendable {
    let request: Request
    let context: APIContext
    let query: Query

    /// Whom it comes from.
    ///
    /// - Throws: ``APIError`` `unauthorized` on paths that need no key.
    var principal: Principal {
        get throws(APIError) {
            guard let principal = context.principal else { throw APIError(.unauthorized, "a key is needed") }
            return principal
        }
    }

    /// Who asks, for whoever does what is asked.
    var requester: Requester { context.requester }

    /// The percent-decoded value of a parameter of the path; nil if it cannot be decoded.
    func parameter(_ name: String) -> String? {
        context.parameters.get(name).flatMap { percentDecoded($0) }
    }

    /// The beginning of a parameter of the path, for people: as it was sent where it cannot be decoded.
    func shown(_ name: String) -> String {
        String((parameter(name) ?? context.parameters.get(name) ?? "").prefix(100))
    }
}
