// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import Jobs
internal import NIOCore
internal import NIOHTTP1

// One call: request, answer, and every way in which it can go wrong.

extension BrokerClient {
    /// Asks for a record.
    func get<Answer: Decodable>(
        _ path: [String],
        query: [(String, String?)] = [],
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        try await decode(type, from: exchange(.GET, path, query: query, body: nil))
    }

    /// Sends a record and takes the answer.
    func post<Answer: Decodable>(
        _ path: [String],
        _ body: some Encodable & Sendable,
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        try await decode(type, from: exchange(.POST, path, query: [], body: try JSON.encode(body)))
    }

    /// Sends a record under a name, so that it can be sent again without being done again, and takes the answer.
    func post<Answer: Decodable>(
        _ path: [String],
        _ body: some Encodable & Sendable,
        idempotencyKey: String?,
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let more = idempotencyKey.map { [("Idempotency-Key", $0)] } ?? []
        return try await decode(type, from: exchange(.POST, path, query: [], body: try JSON.encode(body), more: more))
    }

    /// Changes a record and takes the answer.
    func patch<Answer: Decodable>(
        _ path: [String],
        _ body: some Encodable & Sendable,
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        try await decode(type, from: exchange(.PATCH, path, query: [], body: try JSON.encode(body)))
    }

    /// Has something done that answers nothing.
    func act(_ path: [String]) async throws {
        _ = try await exchange(.POST, path, query: [], body: nil)
    }

    /// Deletes a record.
    func delete(_ path: [String]) async throws {
        _ = try await exchange(.DELETE, path, query: [], body: nil)
    }

    /// Asks for what is no JSON, with its headers.
    func getBytes(
        _ path: [String],
        query: [(String, String?)] = []
    ) async throws -> (headers: HTTPHeaders, bytes: ByteBuffer) {
        try await answer(.GET, path, query: query, body: nil, more: [("Accept", "*/*")])
    }

    private func exchange(
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String?)],
        body: [UInt8]?,
        more: [(String, String)] = []
    ) async throws -> ByteBuffer {
        try await answer(method, path, query: query, body: body, more: more).bytes
    }

    private func answer(
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String?)],
        body: [UInt8]?,
        more: [(String, String)]
    ) async throws -> (headers: HTTPHeaders, bytes: ByteBuffer) {
        var request = HTTPClientRequest(url: base.url(["api", "v1"] + path, query: query))
        request.method = method
        request.headers = headers
        for (name, value) in more { request.headers.replaceOrAdd(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let deadline = NIODeadline.now() + .milliseconds(requestTimeout.wholeMilliseconds)
        do {
            let response = try await http.execute(request, deadline: deadline)
            let answer = try await response.body.collect(upTo: maximumAnswer)
            try check(response, answer)
            return (response.headers, answer)
        } catch {
            throw Self.translated(error, base: base)
        }
    }

    func check(_ response: HTTPClientResponse, _ answer: ByteBuffer) throws(BrokerClientError) {
        let status = Int(response.status.code)
        switch status {
        case 200..<300:
            return
        case 300..<400:
            let place = response.headers.first(name: "Location").map { " to \($0)" } ?? ""
            throw BrokerClientError(code: .badAnswer, message: "\(base) sends us elsewhere\(place): use that URL")
        default:
            let problem =
                (try? JSON.decode(Problem.self, from: answer.readableBytesView))
                ?? Problem(
                    status: status,
                    code: "http_\(status)",
                    detail: "\(base) answered \(status) \(response.status.reasonPhrase), not as a controller does",
                    requestID: response.headers.first(name: "Request-Id")
                )
            throw BrokerClientError(code: .refused(problem), message: problem.detail)
        }
    }

    private func decode<Answer: Decodable>(
        _ type: Answer.Type,
        from answer: ByteBuffer
    ) throws(BrokerClientError) -> Answer {
        do {
            return try JSON.decode(type, from: answer.readableBytesView)
        } catch {
            throw BrokerClientError(
                code: .badAnswer,
                message: "the answer of \(base) is not what a controller sends: \(error)"
            )
        }
    }
}
