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
        try BrokerClientError.check(
            status: response.status,
            headers: response.headers,
            answer.readableBytesView,
            of: base
        )
    }

    private func decode<Answer: Decodable>(
        _ type: Answer.Type,
        from answer: ByteBuffer
    ) throws(BrokerClientError) -> Answer {
        try BrokerClientError.decode(type, from: answer.readableBytesView, of: base)
    }
}
