// SPDX-License-Identifier: Apache-2.0

/// What is sent on one connection to the HTTP port.
struct Ask: Sendable {
    let bytes: [UInt8]
    /// Whether it ends by its own framing, so that there must be an answer.
    let isWhole: Bool
}

/// Requests that get past the key, so that what lies behind it meets garbage as well.
extension Garbage {
    /// One or several requests of a client with a key, in which something is odd.
    mutating func ask(key: String) -> Ask {
        let bearer = "Bearer \(key)"
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            // Anything may be damaged, the framing too.
            return Ask(bytes: mutated(Array(request(authorization: bearer).utf8)), isWhole: false)
        case 1:
            // More or less of a body than was said.
            let length = [0, 1, 5000, 1 << 31, 1 << 62].randomElement(using: &generator) ?? 0
            let head = head("POST", "/api/v1/jobs", ["Authorization: \(bearer)", "Content-Length: \(length)"])
            return Ask(bytes: Array(head.utf8) + body(), isWhole: false)
        case 2:
            // One after the other on one connection, the last damaged.
            let several = (0..<4).map { _ in Array(request(authorization: bearer, "keep-alive").utf8) }.joined()
            return Ask(bytes: several + mutated(Array(request(authorization: bearer).utf8)), isWhole: false)
        case 3:
            let names = (0..<Int.random(in: 1...200, using: &generator)).map { "X-\($0): \($0)" }
            return Ask(bytes: Array(head("GET", path(), ["Authorization: \(bearer)"] + names).utf8), isWhole: true)
        case 4:
            let path = escaped(mutated(Array(path().utf8)))
            return Ask(bytes: Array(head(method(), path, ["Authorization: \(bearer)"]).utf8), isWhole: true)
        case 5:
            return Ask(bytes: chunked(mutated(body()), bearer), isWhole: true)
        default:
            let body = [body(), mutated(body()), deep()].randomElement(using: &generator) ?? []
            let length = "Content-Length: \(body.count)"
            let key = "Idempotency-Key: \(escaped(random(upTo: 90)))"
            let path = ["/api/v1/jobs", "/api/v1/targets/preview"].randomElement(using: &generator) ?? ""
            return Ask(
                bytes: Array(head("POST", path, ["Authorization: \(bearer)", length, key]).utf8) + body,
                isWhole: true
            )
        }
    }

    // MARK: Parts

    private static let type = "Content-Type: application/json"

    /// A request that is well-formed.
    private mutating func request(authorization: String, _ connection: String = "close") -> String {
        let body = String(decoding: body(), as: UTF8.self)
        return Bool.random(using: &generator)
            ? head("GET", path(), ["Authorization: \(authorization)"], connection)
            : head(
                "POST",
                "/api/v1/jobs",
                ["Authorization: \(authorization)", "Content-Length: \(body.utf8.count)"],
                connection
            ) + body
    }

    private func head(_ method: String, _ path: String, _ fields: [String], _ connection: String = "close") -> String {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: x", "Connection: \(connection)", Self.type] + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    private mutating func method() -> String {
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"].randomElement(using: &generator)
            ?? ""
    }

    private mutating func path() -> String {
        let id = "0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41"
        let number = Int.random(in: -2...2, using: &generator)
        return [
            "/api/v1/jobs?limit=5&offset=0&status=failed,completed", "/api/v1/jobs?limit=\(number)&offset=\(Int.max)",
            "/api/v1/jobs/\(id)", "/api/v1/jobs/\(id)/runs?status=lost&data=true",
            "/api/v1/jobs/\(id)/timeline?limit=1",
            "/api/v1/agents?target=env%3Dtest%20and%20web-*&connected=true", "/api/v1/agents/web-1", "/api/v1/limits",
            "/api/v1/status", "/api/v1/operations", "/openapi.json", "/healthz", "/readyz", "//../%2e%2e/%00",
        ].randomElement(using: &generator) ?? ""
    }

    /// A submission of an operation that does nothing, so that no damage to it makes a command of it.
    private mutating func body() -> [UInt8] {
        let text = [
            #"{"operation":{"type":"ping","data":{}},"target":"env=test and sample(1, 7)","deadline":5,"note":"näh"}"#,
            #"{"operation":{"type":"ping"},"target":"web-1,web-2","deadline":"1h30m"}"#,
            #"{"target":"(not web-9 or cpus>=1e3) and group in ('a', b*)"}"#,
            #"{"operation":{"type":"ping","data":{"\u00e9":[1,-0.5e-7,9223372036854775807,null,true]}},"target":"_any"}"#,
        ].randomElement(using: &generator)
        return Array((text ?? "").utf8)
    }

    /// A body that is deep, long or full of one thing.
    private mutating func deep() -> [UInt8] {
        let count = Int.random(in: 1...40_000, using: &generator)
        let opening =
            [#"["#, #"{"a":"#, #"{"target":""#, "9", #"""#, "(", "not "].randomElement(using: &generator) ?? ""
        let many = String(repeating: opening, count: count)
        return Array((Bool.random(using: &generator) ? many : #"{"target":"\#(many)"}"#).utf8)
    }

    private mutating func chunked(_ body: [UInt8], _ bearer: String) -> [UInt8] {
        let head = head("POST", "/api/v1/jobs", ["Authorization: \(bearer)", "Transfer-Encoding: chunked"])
        var bytes = Array(head.utf8)
        var rest = body[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...30, using: &generator))
            rest = rest.dropFirst(part.count)
            bytes += Array("\(String(part.count, radix: 16))\r\n".utf8) + part + Array("\r\n".utf8)
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    /// Bytes as they may stand in a path or a header: all but visible ASCII are escaped.
    private func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            (0x21...0x7E).contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
