// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import Jobs

/// The description of the API (OpenAPI 3.1), made of the table of calls that the routes are made of.
struct OpenAPIDocument: Sendable {
    static let path = "/openapi.json"

    private let json: JSONValue

    /// Describes some calls, and that of the description itself.
    init(endpoints: [Endpoint], catalogue: OperationCatalogue, version: String) {
        let all = endpoints + [Self.endpoint { _ in Response(status: .ok) }]
        json = [
            "openapi": "3.1.0",
            "info": [
                "title": "Broker", "version": .string(version),
                "description": "Runs one operation on many hosts and keeps the truth about what happened on each.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "paths": Self.paths(all),
            "components": [
                "schemas": .object(RecordSchemas.all), "headers": Self.headers,
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer"],
                    "header": ["type": "apiKey", "in": "header", "name": "X-Api-Key"],
                ],
            ],
        ]
    }

    /// The call that answers this description.
    var endpoint: Endpoint {
        Self.endpoint { _ in try .json(json) }
    }

    private static func endpoint(_ handle: @escaping @Sendable (Call) async throws -> Response) -> Endpoint {
        Endpoint(
            method: .get,
            path: path,
            access: .anyKey,
            name: "getDescription",
            summary: "This description.",
            answer: .init(status: .ok, schema: ["type": "object"], summary: "An OpenAPI 3.1 document."),
            handle: handle
        )
    }

    // MARK: Parts

    private static func paths(_ endpoints: [Endpoint]) -> JSONValue {
        let calls = Dictionary(endpoints.map { ($0.name, $0.pathParameters) }, uniquingKeysWith: { $1 })
        var paths: [String: [String: JSONValue]] = [:]
        for endpoint in endpoints {
            paths[endpoint.path, default: [:]][endpoint.method.rawValue.lowercased()] = call(endpoint, calls)
        }
        return .object(paths.mapValues(JSONValue.object))
    }

    private static func call(_ endpoint: Endpoint, _ calls: ResponseLinks.Calls) -> JSONValue {
        var call: [String: JSONValue] = [
            "operationId": .string(endpoint.name), "summary": .string(endpoint.summary),
            "tags": [.string(endpoint.tag)], "responses": responses(endpoint, calls),
        ]
        let parameters = endpoint.pathParameters.map(pathParameter) + endpoint.query.map(queryParameter)
        if !parameters.isEmpty { call["parameters"] = .array(parameters) }
        if let body = endpoint.body {
            call["requestBody"] = [
                "required": .bool(!endpoint.isBodyOptional), "content": .object([endpoint.bodyType: ["schema": body]]),
            ]
        }
        call["security"] = security(endpoint.access)
        return .object(call)
    }

    /// The scope that a call needs, in the place that OpenAPI 3.1 has for the roles of any kind of scheme.
    private static func security(_ access: Endpoint.Access) -> JSONValue {
        switch access {
        case .open: []
        case .anyKey: [["bearer": []], ["header": []]]
        case .scope(let scope):
            [["bearer": [.string(scope.rawValue)]], ["header": [.string(scope.rawValue)]]]
        }
    }

    private static func responses(_ endpoint: Endpoint, _ calls: ResponseLinks.Calls) -> JSONValue {
        var codes = endpoint.errors
        switch endpoint.access {
        case .open: break
        case .anyKey: codes += [.invalidQuery, .unauthorized, .tooManyRequests, .internalError]
        case .scope: codes += [.invalidQuery, .unauthorized, .forbidden, .tooManyRequests, .internalError]
        }
        if endpoint.access != .open {
            if endpoint.answer.schema != nil { codes.append(.notAcceptable) }
            if endpoint.changesSomething { codes.append(.preconditionFailed) }
        }
        if endpoint.isRanged { codes.append(.rangeNotSatisfiable) }
        if !endpoint.pathParameters.isEmpty { codes.append(.notFound) }
        codes.append(.unavailable)
        var responses: [String: JSONValue] = [:]
        for (status, codes) in Dictionary(grouping: codes, by: { APIError($0, "").status.code }) {
            responses[String(status)] = [
                "description": .string(Set(codes).map(\.rawValue).sorted().joined(separator: ", ")),
                "headers": headers(of: status),
                "content": [Problem.mediaType: ["schema": .reference("Problem")]],
            ]
        }
        let links = ResponseLinks.links(of: endpoint.name, to: calls)
        responses[String(endpoint.answer.status.code)] = answer(endpoint.answer, endpoint.answer.summary, links)
        if let other = endpoint.otherStatus {
            responses[String(other.code)] = answer(endpoint.answer, endpoint.answer.summary, links)
        }
        if endpoint.isRanged {
            let part = answer(endpoint.answer, "The part that the header Range names; Content-Range says which it is.")
            responses[String(HTTPResponse.Status.partialContent.code)] = part
        }
        if endpoint.isTagged {
            responses["304"] = [
                "description": "It is as the ETag in If-None-Match says: nothing has changed.",
                "headers": headers(of: 304),
            ]
        }
        return .object(responses)
    }

    private static func answer(
        _ answer: Endpoint.Answer,
        _ summary: String,
        _ links: [String: JSONValue] = [:]
    ) -> JSONValue {
        var headers = headers(of: answer.status.code).object ?? [:]
        for (name, meaning) in answer.headers {
            headers[name] = ["description": .string(meaning), "schema": ["type": "string"]]
        }
        var description: [String: JSONValue] = ["description": .string(summary), "headers": .object(headers)]
        if let schema = answer.schema {
            let contents: [(String, JSONValue)] = answer.mediaTypes.map { ($0, ["schema": schema]) }
            description["content"] = .object(Dictionary(contents, uniquingKeysWith: { $1 }))
        }
        if !links.isEmpty { description["links"] = .object(links) }
        return .object(description)
    }

    // MARK: Headers

    private static let headers: JSONValue = [
        "Request-Id": [
            "description": "The id of the request in the controller's log; the client's own where it sent one.",
            "required": true, "schema": ["type": "string"],
        ],
        "Retry-After": ["description": "In how many seconds to ask again.", "schema": ["type": "integer"]],
        "WWW-Authenticate": ["description": "How to show a key.", "schema": ["type": "string"]],
    ]

    private static func headers(of status: Int) -> JSONValue {
        var names = ["Request-Id"]
        if [429, 503].contains(status) { names.append("Retry-After") }
        if status == 401 { names.append("WWW-Authenticate") }
        let references = names.map { ($0, ["$ref": .string("#/components/headers/\($0)")] as JSONValue) }
        return .object(Dictionary(references, uniquingKeysWith: { $1 }))
    }

    // MARK: Parameters

    private static func pathParameter(_ name: String) -> JSONValue {
        ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string"]]
    }

    private static func queryParameter(_ parameter: QueryParameter) -> JSONValue {
        var description: [String: JSONValue] = [
            "name": .string(parameter.shownName), "in": "query",
            "required": .bool(parameter.isRequired),
            "description": .string(parameter.summary), "schema": schema(parameter.kind),
        ]
        if parameter.isExclusive, case .number(let range, let standard) = parameter.kind {
            description["description"] = .string("\(parameter.summary) \(standard) if left out.")
            description["schema"] = schema(range)
        }
        if case .choices = parameter.kind { description["explode"] = false }
        if parameter.mayBeEmpty { description["allowEmptyValue"] = true }
        return .object(description)
    }

    private static func schema(_ range: ClosedRange<Int>) -> JSONValue {
        ["type": "integer", "minimum": JSONValue(range.lowerBound), "maximum": JSONValue(range.upperBound)]
    }

    private static func schema(_ kind: QueryParameter.Kind) -> JSONValue {
        switch kind {
        case .number(let range, let standard):
            schema(range).adding(["default": JSONValue(standard)])
        case .flag(let standard):
            standard.map { ["type": "boolean", "default": .bool($0)] } ?? ["type": "boolean"]
        case .choice(let choices): ["type": "string", "enum": .array(choices.map(JSONValue.string))]
        case .choices(let choices):
            ["type": "array", "items": ["type": "string", "enum": .array(choices.map(JSONValue.string))]]
        case .time: ["type": "string", "format": "date-time"]
        case .members: ["type": "string"]
        case .text(let length):
            [
                "type": "string", "minLength": JSONValue(length.lowerBound), "maxLength": JSONValue(length.upperBound),
            ]
        }
    }
}
