// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import StubController
import Testing

@testable import Outgoing

@Suite(.timeLimit(.minutes(10)))
struct OutgoingClientTests {
    private static let loopback = ["127.0.0.0/8", "::1"].compactMap { AddressRange($0) }

    private func code(_ url: String, _ policy: OutgoingPolicy = OutgoingPolicy()) async -> OutgoingError.Code? {
        do {
            _ = try await OutgoingClient(policy: policy).call(.GET, OutgoingURL(url), limit: 1000)
            return nil
        } catch {
            return (error as? OutgoingError)?.code
        }
    }

    @Test(arguments: [
        "ftp://a.example/", "file:///etc/passwd", "https://", "https:///x", "//a.example",
        "https://user:word@a.example/",
        "https://a.example/#part", "https://a b/", "https://a.example:0/", "https://a.example:99999/",
        "https://é.example/",
        "http://[fe80::1%25lo]/", "https://a.example/\(String(repeating: "x", count: 2100))",
    ])
    func `what is no URL to be called is refused`(url: String) {
        #expect(throws: OutgoingError.self) { try OutgoingURL(url) }
    }

    @Test func `a call says what was answered`() async throws {
        try await StubController.with(
            respond: { request in .answer(202, Array("\(request.method) \(request.uri)".utf8) + request.body) },
            { stub in
                let client = OutgoingClient(policy: OutgoingPolicy(allowed: Self.loopback))
                let url = try OutgoingURL("http://LocalHost:\(stub.port)/hook?a=b")
                let answer = try await client.call(.POST, url, body: Array("!".utf8), limit: 1000)

                #expect(answer.status == 202)
                #expect(answer.body == Array("POST /hook?a=b!".utf8))
                #expect(stub.requests.first?.headers["host"] == "localhost:\(stub.port)")
            }
        )
    }

    @Test func `the own network is not reached, however it is named`() async throws {
        try await StubController.with(
            respond: { _ in .answer(200, []) },
            { stub in
                for host in [
                    "127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]",
                ] {
                    #expect(await code("http://\(host):\(stub.port)/") == .refused, "\(host)")
                }
                #expect(stub.requests.isEmpty)
            }
        )
    }

    @Test func `an answer that is too long, none, and a name without address are failures`() async throws {
        try await StubController.with(
            respond: { $0.uri == "/long" ? .answer(200, [UInt8](repeating: 0, count: 1001)) : .hangUp },
            { stub in
                let policy = OutgoingPolicy(allowed: Self.loopback)
                #expect(await code("http://127.0.0.1:\(stub.port)/long", policy) == .failed)
                #expect(await code("http://127.0.0.1:\(stub.port)/gone", policy) == .failed)
            }
        )
        #expect(await code("http://no-such-host.invalid/") == .unresolved)
    }
}
