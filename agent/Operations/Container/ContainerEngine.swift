// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs

/// The host's Docker or Podman, asked by the Docker Engine API on its socket.
struct ContainerEngine: Sendable {
    private let socket: String
    private var deadline: ContinuousClock.Instant

    /// Where Docker and Podman listen.
    private static let sockets = ["/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock"]
    /// The most bytes of an answer.
    private static let answerLimit = 8 * 1024 * 1024

    /// The engine that listens at `socket`, or at one of the usual places.
    ///
    /// - Throws: `skipped` where there is none.
    init(_ socket: String?, in context: OperationContext) throws(OperationError) {
        let places = socket.map { [$0] } ?? Self.sockets
        var found: String?
        for place in places where found == nil {
            if try FileState(at: place, following: true)?.kind == .socket { found = place }
        }
        guard let found else {
            throw .notApplicable("this host has no container engine at \(places.joined(separator: " or "))")
        }
        self.socket = found
        deadline = ContinuousClock.now + context.timeLeft
    }

    /// The engine with half a minute at least, for what takes a change back.
    var forUndoing: ContainerEngine {
        var engine = self
        engine.deadline = max(deadline, .now + .seconds(30))
        return engine
    }

    /// What the engine answered.
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]

        /// The body as JSON; null where it is none.
        var json: JSONValue { (try? JSON.decode(JSONValue.self, from: body)) ?? .null }

        /// What the engine says of a failure.
        var complaint: String { json["message"]?.string.map { String($0.prefix(500)) } ?? "status \(status)" }
    }

    /// Asks the engine.
    ///
    /// - Parameters:
    ///   - method: the method of HTTP.
    ///   - path: the parts of the address, each taken as it is.
    ///   - query: what follows it.
    ///   - body: the body; nil for none.
    ///   - headers: headers on top of the usual ones.
    ///   - ok: the statuses that are no failure; nil for all.
    /// - Returns: the answer.
    /// - Throws: ``OperationError``: `engine_failed` with what the engine says for another status.
    func ask(
        _ method: String,
        _ path: [String],
        query: KeyValuePairs<String, String> = [:],
        body: JSONValue? = nil,
        headers: [String: String] = [:],
        ok: Set<Int>? = [200, 201, 204]
    ) async throws(OperationError) -> Answer {
        let address = Self.address(path, query)
        let bytes = Self.request(method, address, body: body, headers: headers)
        let answer = try await BlockingWork.run { work throws(OperationError) in
            var content: [UInt8] = []
            let status = try exchange(bytes, work) { part throws(OperationError) in
                content += part
                guard content.count <= Self.answerLimit else {
                    throw OperationError("engine_failed", "the container engine has answered too much")
                }
            }
            return Answer(status: status, body: content)
        }
        guard ok?.contains(answer.status) ?? true else { throw Self.failure(method, address, answer) }
        return answer
    }

    /// Asks the engine for something that comes as a stream, and gives each part to `take` on a thread of its own.
    func stream(
        _ path: [String],
        body: JSONValue,
        _ take: @escaping @Sendable (ArraySlice<UInt8>) -> Void
    ) async throws(OperationError) {
        let address = Self.address(path, [:])
        let bytes = Self.request("POST", address, body: body, headers: [:])
        let status = try await BlockingWork.run { work throws(OperationError) in
            try exchange(bytes, work) { part throws(OperationError) in take(part[...]) }
        }
        guard status == 200 else { throw Self.failure("POST", address, Answer(status: status, body: [])) }
    }

    // MARK: HTTP

    private func exchange(
        _ request: [UInt8],
        _ work: BlockingWork,
        _ take: ([UInt8]) throws(OperationError) -> Void
    ) throws(OperationError) -> Int {
        let connection = try UnixSocket(socket)
        try connection.send(request, until: deadline, work)
        var answer = HTTPAnswer()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !answer.isComplete {
            let part = try connection.receive(&buffer, until: deadline, work)
            let body: [UInt8]
            do throws(HTTPAnswer.Malformed) {
                body = part.isEmpty ? [] : try answer.take(part)
                if part.isEmpty { try answer.close() }
            } catch {
                throw OperationError("engine_failed", "what listens at '\(socket)' does not speak HTTP, or broke off")
            }
            if !body.isEmpty { try take(body) }
        }
        return answer.status
    }

    private static func request(
        _ method: String,
        _ address: String,
        body: JSONValue?,
        headers: [String: String]
    ) -> [UInt8] {
        let content = body.flatMap { try? JSON.encode($0) } ?? []
        var lines = [
            "\(method) \(address) HTTP/1.1", "Host: localhost", "Connection: close", "User-Agent: broker-agent",
        ]
        lines += headers.map { "\($0.key): \($0.value)" }.sorted()
        if body != nil { lines.append("Content-Type: application/json") }
        if body != nil || method == "POST" { lines.append("Content-Length: \(content.count)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + content
    }

    private static func address(_ path: [String], _ query: KeyValuePairs<String, String>) -> String {
        let words = query.map { "\($0.key)=\(escaped($0.value))" }.joined(separator: "&")
        return "/" + path.map { escaped($0) }.joined(separator: "/") + (words.isEmpty ? "" : "?" + words)
    }

    /// A text as a part of an address (RFC 3986, section 2.3); the names of images keep their slashes.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= byte || (UInt8(ascii: "A")...UInt8(ascii: "Z")) ~= byte
                || (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= byte || "-._~/:@".utf8.contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.utf8.count == 1 ? "%0" + digits : "%" + digits
        }.joined()
    }

    /// The error of an answer that is a refusal.
    static func failure(_ method: String, _ address: String, _ answer: Answer) -> OperationError {
        let code = answer.status == 404 ? "not_found" : "engine_failed"
        return OperationError(code, "the container engine refuses \(method) \(address): \(answer.complaint)")
    }
}
