// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Foundation
import Jobs
import StubController
import Testing

@Suite(.timeLimit(.minutes(10)))
struct BrokerClientCallTests {
    @Test func `a submission is posted with the key and its record comes back`() async throws {
        try await withFleet(StubFleet([.completed])) { client, stub in
            let request = JobRequest(operation: OperationRequest(type: "ping"), target: "env=prod", deadline: 60)

            let job = try await client.submit(request)

            #expect(job.id == StubFleet.jobID)
            #expect(job.status == .submitted)
            let call = try #require(stub.requests.first)
            #expect(call.method == "POST")
            #expect(call.uri == "/api/v1/jobs")
            #expect(call.headers["authorization"] == "Bearer secret")
            #expect(call.headers["content-type"] == "application/json")
            #expect(try JSON.decode(JobRequest.self, from: call.body) == request)
        }
    }

    @Test(arguments: ["", "/", "//", "/broker", "/a/b/"])
    func `a path after the host is kept as a prefix`(prefix: String) async throws {
        try await StubController.with(respond: { _ in .json(StubFleet([.completed]).job) }) { stub in
            let configuration = BrokerClientConfiguration(url: stub.url + prefix, key: "secret")

            _ = try await BrokerClient.with(configuration) { try await $0.job(StubFleet.jobID) }

            var trimmed = prefix
            while trimmed.hasSuffix("/") { trimmed.removeLast() }
            #expect(stub.requests.map(\.uri) == ["\(trimmed)/api/v1/jobs/\(StubFleet.jobID)?expand=timeline"])
        }
    }

    @Test func `names and expressions are percent-encoded`() async throws {
        try await StubController.with(respond: { _ in .problem(404, "not_found", "no") }) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "k")) { client in
                _ = try? await client.agent("a/b ü")
                _ = try? await client.agents(target: "env=prod and cpus>2", connected: true, limit: 5)
                let filter = RunFilter(state: .timedOut, change: .unknown, search: "web-")
                _ = try? await client.runs(of: StubFleet.jobID, filter, data: false)
            }

            #expect(
                stub.requests.map(\.uri) == [
                    "/api/v1/agents/a%2Fb%20%C3%BC",
                    "/api/v1/agents?target=env%3Dprod%20and%20cpus%3E2&connected=true&limit=5",
                    "/api/v1/jobs/\(StubFleet.jobID)/runs?status=timed_out&changed=null&search=web-&data=false",
                ]
            )
        }
    }

    @Test func `output is read as it is, with what is known of the whole`() async throws {
        try await withFleet(StubFleet([.completed])) { client, stub in
            let text = try await client.output(of: StubFleet.jobID, on: "web-1")
            let binary = try await client.output(of: StubFleet.jobID, on: "web-1", .stderr)

            #expect(
                text
                    == RunOutput(
                        bytes: Array("up 3 days\n".utf8),
                        isText: true,
                        totalBytes: 2000,
                        isTruncated: true,
                        sha256: "0a"
                    )
            )
            #expect(binary.bytes == [0xFF, 0x00, 0x1B, 0x0A] && !binary.isText && binary.totalBytes == nil)
            #expect(stub.requests.allSatisfy { $0.headers["accept"] == "*/*" })
            await #expect(throws: BrokerClientError.self) {
                try await client.output(of: StubFleet.jobID, on: "web-9")
            }
        }
    }

    @Test func `operations, status and preview are read`() async throws {
        try await withFleet(StubFleet([.completed])) { client, _ in
            let operations = try await client.operations()
            let status = try await client.status()
            let preview = try await client.preview("_all")

            #expect(operations == OperationCatalogue.builtIn.descriptors)
            #expect(status["agents"]?["connected"]?.int == 4)
            #expect(preview.items.map(\.hostname) == ["web-1"])
        }
    }

    @Test func `a listing asks for page after page`() async throws {
        let all = (0..<7).map { index in
            Run(jobID: StubFleet.jobID, agentID: AgentID("\(index)"), hostname: "h\(index)")
        }
        let fetch: Listing<Run>.Fetch = { limit, start in
            guard case .offset(let offset) = start else { throw UnexpectedStart() }
            let items = Array(all.dropFirst(offset).prefix(limit))
            return Page(items: items, total: all.count, limit: limit, offset: offset)
        }

        #expect(try await Listing(pageSize: 3, fetch: fetch).collected() == all)
        #expect(try await Listing(pageSize: 3, from: .offset(5), fetch: fetch).collected() == Array(all[5...]))
        #expect(try await Listing(pageSize: 3, from: .offset(9), fetch: fetch).collected().isEmpty)
    }

    @Test func `a listing goes on by the cursors that it is given, whatever its total says`() async throws {
        let fetch: Listing<Int>.Fetch = { _, start in
            switch start {
            case .offset(0): Page(items: [1, 2], total: 2, limit: 2, offset: 0, nextCursor: "a")
            case .cursor("a"): Page(items: [3], total: 2, limit: 2, offset: nil, nextCursor: "b")
            case .cursor("b"): Page(items: [4], total: 2, limit: 2, offset: nil)
            default: throw UnexpectedStart()
            }
        }

        #expect(try await Listing(pageSize: 2, fetch: fetch).collected() == [1, 2, 3, 4])
    }

    private struct UnexpectedStart: Error {}
}

@Suite(.timeLimit(.minutes(10)))
struct BrokerClientErrorTests {
    @Test func `a refusal carries the problem with its faults and the request id`() async throws {
        let fault = Fault(pointer: "/operation/data/argv", detail: "argv is missing")
        try await StubController.with(respond: { _ in .problem(400, "invalid_parameters", "off", faults: [fault]) }) {
            let problem = try #require(await failure(url: $0.url)?.problem)

            #expect(
                problem
                    == Problem(
                        type: "about:blank",
                        title: "Refused",
                        status: 400,
                        code: "invalid_parameters",
                        detail: "off",
                        errors: [ProblemFault(fault)],
                        requestID: "req-1"
                    )
            )
        }
    }

    @Test func `an error without problem details still has its status`() async throws {
        let page = StubAnswer.answer(502, Array("<html>bad gateway</html>".utf8), headers: ["Request-Id": "p-9"])
        try await StubController.with(respond: { _ in page }) {
            let error = try #require(await failure(url: $0.url))

            #expect(error.problem?.status == 502)
            #expect(error.problem?.requestID == "p-9")
            #expect(error.isOutage)
        }
    }

    @Test func `a refused connection is told at once`() async throws {
        let port = try await StubController.with(respond: { _ in .hangUp }) { $0.port }

        let error = try #require(await failure(url: "http://127.0.0.1:\(port)"))

        #expect(error.code == .unreachable)
        #expect(error.message.contains("connection refused"))
    }

    @Test func `a connection that breaks off is unreachable`() async throws {
        try await StubController.with(respond: { _ in .hangUp }) {
            #expect(await failure(url: $0.url)?.code == .unreachable)
        }
    }

    @Test func `an answer that does not come in time is a timeout`() async throws {
        try await StubController.with(respond: { _ in .silence }) {
            #expect(await failure(url: $0.url, requestTimeout: .milliseconds(200))?.code == .timedOut)
        }
    }

    @Test(arguments: ["not json", "{}", #"{"id": 4}"#])
    func `an answer of another shape is a bad answer`(body: String) async throws {
        try await StubController.with(respond: { _ in .answer(200, Array(body.utf8)) }) {
            #expect(await failure(url: $0.url)?.code == .badAnswer)
        }
    }

    @Test func `a redirect is not followed, since it would take the key elsewhere`() async throws {
        let answer = StubAnswer.answer(302, [], headers: ["Location": "https://elsewhere.example.org/"])
        try await StubController.with(respond: { _ in answer }) { stub in
            let error = try #require(await failure(url: stub.url))

            #expect(error.code == .badAnswer)
            #expect(error.message.contains("elsewhere.example.org"))
            #expect(stub.requests.count == 1)
        }
    }

    @Test(arguments: [
        "", "broker", "ftp://host", "http://", "http://user:pw@host", "http://host?x=1", "http://host/#a",
        "http://host:x", "http://ho st", "http://host:99999", "http://[::1", "https:///path",
    ])
    func `a URL that is none is refused before anything is sent`(url: String) {
        #expect(throws: BrokerClientError.self) { try BrokerClient(BrokerClientConfiguration(url: url)) }
    }

    @Test(arguments: ["", "a b", "a\r\nX-Evil: 1", "ü"])
    func `a key that fits no header is refused`(key: String) {
        #expect(throws: BrokerClientError.self) {
            try BrokerClient(BrokerClientConfiguration(url: "http://host", key: key))
        }
    }

    @Test func `a cancelled call throws CancellationError`() async throws {
        try await StubController.with(respond: { _ in .silence }) { stub in
            let client = try BrokerClient(BrokerClientConfiguration(url: stub.url, key: "secret"))
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await client.job(StubFleet.jobID) }
                }
                while stub.requests.isEmpty { await Task.yield() }
                group.cancelAll()
            }
            await client.shutdown()
        }
    }
}

@Suite(.timeLimit(.minutes(10)))
struct BrokerClientTLSTests {
    @Test func `a controller with a certificate of the CA file is trusted`() async throws {
        try await withAuthorityFile { path in
            try await StubController.with(isEncrypted: true, respond: StubFleet([.completed]).respond) { stub in
                let configuration = BrokerClientConfiguration(url: stub.url, key: "secret", caFile: path)

                let job = try await BrokerClient.with(configuration) { try await $0.job(StubFleet.jobID) }

                #expect(job.status == .completed)
            }
        }
    }

    @Test func `a controller with a certificate of nobody known is not spoken to`() async throws {
        try await StubController.with(isEncrypted: true, respond: StubFleet([.completed]).respond) { stub in
            let error = try #require(await failure(url: stub.url))

            #expect(error.code == .untrusted)
            #expect(error.message.contains("certificate is not trusted"))
            #expect(stub.requests.isEmpty)
        }
    }

    @Test func `a controller with a certificate for another host is not spoken to`() async throws {
        let fleet = StubFleet([.completed])
        try await withAuthorityFile { path in
            try await StubController.with(isEncrypted: true, address: "127.0.0.2", respond: fleet.respond) { stub in
                let error = try #require(await failure(url: stub.url, caFile: path))

                #expect(error.code == .unreachable)
                #expect(error.message.hasSuffix("the certificate is for another host"))
                #expect(stub.requests.isEmpty)
            }
        }
    }

    @Test func `a port without TLS is told as such`() async throws {
        try await StubController.with(respond: StubFleet([.completed]).respond) { stub in
            let error = try #require(await failure(url: "https://127.0.0.1:\(stub.port)"))

            #expect(error.code == .unreachable)
            #expect(error.message.hasSuffix("does not speak TLS"))
        }
    }

    @Test func `a CA file that cannot be used is refused with the reason`() async throws {
        let directory = FileManager.default.temporaryDirectory.path
        let path = directory + "/\(UUID()).pem"
        try Data("nothing".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }

        let reasons = [
            path: "is not PEM with certificates", path + ".missing": "no such file or directory",
            directory: "is a directory",
        ]
        for (file, reason) in reasons {
            let error = try #require(throws: BrokerClientError.self) {
                try BrokerClient(BrokerClientConfiguration(url: "https://host", caFile: file))
            }
            #expect(error.code == .invalidConfiguration)
            #expect(error.message.hasSuffix(reason) && error.message.contains(file), "\(error)")
        }
    }
}

func withFleet(
    _ fleet: StubFleet,
    _ body: @Sendable (BrokerClient, StubController) async throws -> Void
) async throws {
    try await StubController.with(respond: fleet.respond) { stub in
        try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
            try await body(client, stub)
        }
    }
}

private func withAuthorityFile(_ body: (String) async throws -> Void) async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).pem")
    try Data(TestCertificates.authority.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try await body(file.path)
}

/// The error of asking a controller for a job; nil if there was none.
private func failure(
    url: String,
    caFile: String? = nil,
    requestTimeout: Duration = .seconds(30)
) async -> BrokerClientError? {
    var configuration = BrokerClientConfiguration(url: url, key: "secret", caFile: caFile)
    configuration.requestTimeout = requestTimeout
    do {
        _ = try await BrokerClient.with(configuration) { try await $0.job(StubFleet.jobID) }
        return nil
    } catch {
        return error as? BrokerClientError
    }
}
