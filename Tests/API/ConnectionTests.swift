// SPDX-License-Identifier: Apache-2.0

import HummingbirdTesting
import Jobs
import NIOCore
import Testing

@testable import API

/// Clients that hold a connection up, or speak no HTTP.
@Suite(.timeLimit(.minutes(10)))
struct ConnectionTests {
    private static let submission = #"{"operation":{"type":"ping"},"target":"_all"}"#

    private static func head(key: String? = APIFixture.secret, _ more: String...) -> String {
        let authorization = key.map { ["Authorization: Bearer \($0)"] } ?? []
        let lines = ["POST /api/v1/jobs HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        return (lines + authorization + more + ["", ""]).joined(separator: "\r\n")
    }

    /// Serves the API under tight limits and opens a connection to it.
    private func connect(
        _ fixture: APIFixture? = nil,
        bodyTime: Duration = .seconds(60),
        lingerTime: Duration = .seconds(60),
        _ body: @escaping @Sendable (inout RawConnection, APIClient) async throws -> Void
    ) async throws {
        var limits = ConnectionLimits()
        limits.bodyTime = bodyTime
        limits.lingerTime = lingerTime
        let server = if let fixture { fixture } else { try await APIFixture() }
        try await server.serve(.live, connections: limits) { client in
            let port = try #require(client.client.port)
            try await RawConnection.open(port: port) { try await body(&$0, client) }
        }
    }

    @Test(arguments: [nil, "wrong-secret"])
    func `a body without end and without key is refused at once and cut off`(key: String?) async throws {
        try await connect(lingerTime: .milliseconds(500)) { connection, _ in
            try await connection.send(Self.head(key: key, "Transfer-Encoding: chunked"))
            let refused = try await connection.receive(until: "}")
            let sent = await connection.flood(upTo: 512 * 1024 * 1024)

            #expect(refused.hasPrefix("HTTP/1.1 401 "))
            #expect(refused.lowercased().contains("\r\nconnection: close\r\n"))
            #expect(sent < 64 * 1024 * 1024, "\(sent) bytes were taken")
        }
    }

    @Test func `a body without end and with a key is refused at its limit and cut off`() async throws {
        try await connect(lingerTime: .milliseconds(500)) { connection, _ in
            try await connection.send(Self.head("Transfer-Encoding: chunked"))
            let sent = await connection.flood(upTo: 512 * 1024 * 1024)

            #expect(sent < 64 * 1024 * 1024, "\(sent) bytes were taken")
        }
    }

    @Test func `a slow body without key is refused at once, and its connection closed soon after`() async throws {
        try await connect(lingerTime: .milliseconds(200)) { connection, _ in
            try await connection.send(Self.head(key: nil, "Content-Length: 9000000000") + "{")
            let refused = try await connection.receive(until: "never")

            #expect(refused.hasPrefix("HTTP/1.1 401 "))
            #expect(refused.hasSuffix("}"))
        }
    }

    @Test func `the connection of a refused request is closed as soon as the request is over`() async throws {
        try await connect { connection, _ in
            try await connection.send(Self.head(key: nil, "Content-Length: 2"))
            let refused = try await connection.receive(until: "}")
            try await connection.send("{}")

            #expect(refused.hasPrefix("HTTP/1.1 401 "))
            #expect(await connection.isCutOff())
        }
    }

    @Test func `an answer before the end of any request ends the connection`() async throws {
        try await connect(lingerTime: .milliseconds(200)) { connection, _ in
            try await connection.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n")
            let answer = try await connection.receive(until: "never")

            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
        }
    }

    @Test(arguments: ["Content-Length: 100", "Transfer-Encoding: chunked"])
    func `a body that does not come in time is told so`(framing: String) async throws {
        try await connect(bodyTime: .milliseconds(300), lingerTime: .milliseconds(200)) { connection, client in
            try await connection.send(Self.head(framing) + "1\r\n{\r\n")
            let refused = try await connection.receive(until: "never")

            #expect(refused.hasPrefix("HTTP/1.1 408 "))
            #expect(refused.lowercased().contains("\r\nconnection: close\r\n"))
            #expect(refused.contains(#""code":"request_timeout""#))
            #expect(try await client.get("/api/v1/jobs").json["total_items"] == 0)
        }
    }

    @Test(arguments: ["text/plain", "", "application/json; charset=utf-16", "application/jsonx", "application"])
    func `a body of another kind is refused`(type: String) async throws {
        try await connect(lingerTime: .milliseconds(200)) { connection, _ in
            let head = Self.head("Content-Length: 2", "X-Type: x")
                .replacing("Content-Type: application/json", with: "Content-Type: \(type)")
            try await connection.send(head + "{}")

            #expect(try await connection.receive(until: "}").hasPrefix("HTTP/1.1 415 "))
        }
    }

    @Test func `a key has room for so many bytes of bodies at once, and gives it back`() async throws {
        let budget = BodyBudget(maximum: 100, maximumOfKey: 60)
        var first: BodyShare? = BodyShare(of: budget, key: "a")
        let second = BodyShare(of: budget, key: "a")
        let other = BodyShare(of: budget, key: "b")
        try first?.take(50)
        try other.take(45)

        #expect(throws: APIError.self) { try second.take(11) }
        #expect(throws: APIError.self) { try BodyShare(of: budget, key: "c").take(6) }
        first = nil
        #expect(budget.total == 45)
        try second.take(55)
        #expect(budget.total == 100)
    }

    @Test func `bodies that are under way at once have bounds together`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve(.live, bodies: (maximum: 1000, ofKey: 400)) { client in
            let port = try #require(client.client.port)
            try await RawConnection.open(port: port) { held in
                try await held.send(Self.head("Content-Length: 1000") + String(repeating: " ", count: 390))
                try await RawConnection.open(port: port) { second in
                    // Until the first has arrived, the second is taken.
                    var answer = ""
                    while !answer.hasPrefix("HTTP/1.1 429 ") {
                        try await second.send(
                            Self.head("Content-Length: \(Self.submission.utf8.count)") + Self.submission
                        )
                        answer = try await second.receive(until: "}")
                    }
                    #expect(answer.lowercased().contains("\r\nretry-after: 1\r\n"))
                }
            }
            var status = 0
            while status != 201 { status = try await client.post("/api/v1/jobs", Self.submission).status }
        }
    }

    @Test func `the clock of a body does not run between requests`() async throws {
        try await connect(bodyTime: .milliseconds(300)) { connection, _ in
            for _ in 0..<3 {
                try await connection.send(Self.head("Content-Length: \(Self.submission.utf8.count)") + Self.submission)
                #expect(try await connection.receive(until: "}").hasPrefix("HTTP/1.1 201 "))
                try await Task.sleep(for: .milliseconds(400))
            }
        }
    }

    @Test func `requests that are refused after they came in whole leave the connection usable`() async throws {
        try await connect { connection, _ in
            for _ in 0..<3 {
                try await connection.send(Self.head(key: nil, "Content-Length: 2") + "{}")
                let refused = try await connection.receive(until: "}")
                #expect(refused.hasPrefix("HTTP/1.1 401 "))
                #expect(!refused.lowercased().contains("connection: close"))
            }
        }
    }

    @Test func `many requests sent at once are answered in order`() async throws {
        try await connect { connection, _ in
            let submission = Self.head("Content-Length: \(Self.submission.utf8.count)") + Self.submission
            let other = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            try await connection.send(submission + other + submission + other + last)
            let answers = try await connection.receive(until: #"{"status":"ok"}"#)

            let statuses = answers.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(statuses == ["201", "404", "201", "404", "200"])
        }
    }

    // MARK: 100 Continue

    @Test func `a client that waits to be told is told when its body is wanted`() async throws {
        try await connect { connection, _ in
            for _ in 0..<2 {
                try await connection.send(
                    Self.head("Content-Length: \(Self.submission.utf8.count)", "Expect: 100-Continue")
                )
                #expect(try await connection.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                try await connection.send(Self.submission)
                #expect(try await connection.receive(until: "}").hasPrefix("HTTP/1.1 201 "))
            }
        }
    }

    @Test(arguments: [(nil, "2", "401"), (APIFixture.secret, "2097153", "413")])
    func `a client that waits to be told is refused without sending its body`(
        key: String?,
        length: String,
        status: String
    ) async throws {
        try await connect { connection, _ in
            try await connection.send(Self.head(key: key, "Content-Length: \(length)", "Expect: 100-continue"))
            let answer = try await connection.receive(until: "}")

            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
        }
    }

    @Test func `a client that did not wait is not told`() async throws {
        try await connect { connection, _ in
            let head = Self.head("Content-Length: \(Self.submission.utf8.count)", "Expect: 100-continue")
            try await connection.send(head + Self.submission)

            #expect(try await connection.receive(until: "}").hasPrefix("HTTP/1.1 201 "))
        }
    }

    // MARK: What is no HTTP

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/9.1\r\n\r\n", "GET / HTTP/1.1\r\nA B: c\r\n\r\n",
        "GET / HTTP/1.1\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n",
        "POST /api/v1/jobs HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        head("Transfer-Encoding: chunked") + "nonsense\r\n",
    ])
    func `what is no HTTP is refused with a problem`(text: String) async throws {
        try await connect(lingerTime: .milliseconds(200)) { connection, client in
            try await connection.send(text)
            let answer = try await connection.receive(until: "never")

            let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
            let headers = try #require(parts.first).lowercased()
            #expect(headers.hasPrefix("http/1.1 400 "))
            for header in ["content-type: application/problem+json", "request-id: ", "connection: close"] {
                #expect(headers.contains("\r\n\(header)"), "\(header)")
            }
            let problem = try JSON.decode(JSONValue.self, from: Array((parts.last ?? "").utf8))
            #expect(problem["code"] == "malformed_request")
            #expect(problem["instance"] == nil)
            let metrics = try await client.get("/metrics").text
            #expect(metrics.contains(#"broker_http_problems_total{code="malformed_request"} 1"#))
            #expect(try await client.get("/healthz").status == 200)
        }
    }

    @Test func `what is no HTTP is refused after what came before it was answered`() async throws {
        try await connect(lingerTime: .milliseconds(200)) { connection, _ in
            try await connection.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n")
            let answers = try await connection.receive(until: "never")

            #expect(answers.split(separator: "HTTP/1.1 ").map { $0.prefix(3) } == ["200", "400"])
        }
    }
}
