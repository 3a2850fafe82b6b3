// SPDX-License-Identifier: Apache-2.0

import ControllerReach
import Jobs
import StubController
import Synchronization
import Testing

@testable import Membership

/// The calls of a host that joins, over real connections.
@Suite(.timeLimit(.minutes(10)))
struct EnrolmentDeskTests {
    private let trust = ControllerTrust.only(authorities: TestCertificates.authority)
    private let request = EnrolmentRequest(hostname: "web-1", certificateRequest: "PEM", secret: "s3cret")

    private func json(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Plays a controller that does the same with every call.
    private func with(
        _ answer: StubAnswer,
        isEncrypted: Bool = true,
        address: String = "127.0.0.1",
        _ body: (StubController) async throws -> Void
    ) async throws {
        try await StubController.with(
            isEncrypted: isEncrypted,
            address: address,
            respond: { _ in answer },
            body
        )
    }

    private func fault(_ url: String, trusting trust: ControllerTrust? = nil) async -> BrokerClientError? {
        await #expect(throws: BrokerClientError.self) {
            try await EnrolmentDesk(url: url, trusting: trust ?? self.trust).enrol(request)
        }
    }

    @Test func `the authorities are asked for below the path of the URL`() async throws {
        try await with(.answer(200, json(#"{"authorities":"PEM of them"}"#))) { stub in
            let desk = try EnrolmentDesk(url: stub.url + "/proxied/", trusting: trust)

            let authorities = try await desk.authorities()
            #expect(authorities == "PEM of them")
            let seen = try #require(stub.requests.first)
            #expect(seen.method == "GET" && seen.uri == "/proxied/api/v1/authorities")
            #expect(seen.headers["host"] == "127.0.0.1:\(stub.port)")
            #expect(seen.headers["authorization"] == nil && seen.body.isEmpty)
        }
    }

    @Test func `a request to be an agent is sent as JSON, and its answer read`() async throws {
        let answer = EnrolmentAnswer.Membership(controller: "c:7443", certificate: "C", authorities: "A", jobKeys: "K")
        let membership = String(decoding: try JSON.encode(answer), as: UTF8.self)
        let enrolment = try JSON.encode(Fixture.enrolment)
        let text = #"{"enrolment":\#(String(decoding: enrolment, as: UTF8.self)),"membership":\#(membership)}"#
        try await with(.answer(201, json(text))) { stub in
            let given = try await EnrolmentDesk(url: stub.url, trusting: trust).enrol(request)

            #expect(given.membership == answer)
            let seen = try #require(stub.requests.first)
            #expect(seen.method == "POST" && seen.uri == "/api/v1/enrolments")
            #expect(seen.headers["content-type"] == "application/json")
            let sent = try JSON.decode(EnrolmentRequest.self, from: seen.body)
            #expect(sent == request)
        }
    }

    @Test func `a controller that refuses is told with its own words`() async throws {
        let problem = #"{"status":403,"code":"invalid_join_token","detail":"the token is used up"}"#
        try await with(.answer(403, json(problem))) { stub in
            let fault = try #require(await fault(stub.url))

            #expect(fault.problem?.code == "invalid_join_token")
            #expect(fault.message == "the token is used up")
        }
    }

    @Test func `nothing is sent to a controller with a certificate of somebody else, or for another host`() async throws
    {
        try await with(.hangUp) { stub in
            let fault = try #require(await fault(stub.url, trusting: .system(caFile: nil)))
            #expect(fault.code == .untrusted)
            #expect(stub.requests.isEmpty)
        }
        try await with(.hangUp, address: "127.0.0.2") { stub in
            let fault = try #require(await fault(stub.url))
            #expect(fault.code == .unreachable && fault.message.hasSuffix("the certificate is for another host"))
            #expect(stub.requests.isEmpty)
        }
    }

    @Test func `where nobody is trusted yet, any certificate will do to ask for the authorities`() async throws {
        try await with(.answer(200, json(#"{"authorities":"PEM"}"#)), address: "127.0.0.2") { stub in
            let authorities = try await EnrolmentDesk(url: stub.url, trusting: .anyone).authorities()
            #expect(authorities == "PEM")
        }
    }

    @Test func `what does not speak TLS, hangs up, or does not listen is told as such`() async throws {
        try await with(.hangUp, isEncrypted: false) { stub in
            let fault = try #require(await fault("https://127.0.0.1:\(stub.port)"))
            #expect(fault.code == .unreachable && fault.message.hasSuffix("does not speak TLS"))
        }
        let port = Mutex(0)
        try await with(.hangUp) { stub in
            port.withLock { $0 = stub.port }
            let fault = try #require(await fault(stub.url))
            #expect(fault.code == .unreachable)
        }
        let gone = try #require(await fault("https://127.0.0.1:\(port.withLock { $0 })"))
        #expect(gone.code == .unreachable && gone.message.hasSuffix("connection refused"))
    }

    @Test func `an answer that is too large, none of a controller's, or from elsewhere is refused`() async throws {
        try await with(.answer(200, [UInt8](repeating: 0x20, count: (1 << 20) + 1))) { stub in
            let fault = try #require(await fault(stub.url))
            #expect(fault.code == .badAnswer && fault.message.hasSuffix("is too large"))
        }
        try await with(.answer(200, json("<html>"))) { stub in
            let fault = await fault(stub.url)
            #expect(fault?.code == .badAnswer)
        }
        try await with(.answer(302, [], headers: ["Location": "https://elsewhere"])) { stub in
            let fault = try #require(await fault(stub.url))
            #expect(fault.code == .badAnswer && fault.message.contains("https://elsewhere"))
        }
    }

    @Test func `a call that is cancelled ends at once`() async throws {
        try await with(.silence) { stub in
            let desk = try EnrolmentDesk(url: stub.url, trusting: trust)
            let call = Task { try await desk.authorities() }
            while stub.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            call.cancel()

            await #expect(throws: CancellationError.self) { try await call.value }
        }
    }
}

private enum Fixture {
    static let enrolment = Enrolment(
        id: AgentID("ab"),
        hostname: "web-1",
        state: .accepted,
        conflict: false,
        fingerprint: "cd",
        labels: [:],
        address: "127.0.0.1",
        requestedAt: Timestamp(milliseconds: 1_800_000_000_000)
    )
}
