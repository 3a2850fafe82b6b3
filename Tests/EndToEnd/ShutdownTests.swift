// SPDX-License-Identifier: Apache-2.0

import Access
import AsyncHTTPClient
import BrokerClient
import Deployments
import Foundation
import Jobs
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

/// A controller that is told to go while somebody is in the middle of something.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ShutdownTests {
    @Test func `who is in the middle of a body when the controller goes is told so, and what was counted is kept`()
        async throws
    {
        try await Deployment.with { deployment in
            let made = try await deployment.broker("keys", "create", "slow", "--scope", "job:write")
            let key = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let controller = try #require(deployment.controllerProgram)

            let status = try await withHalfABody(deployment, key: key) { controller.signal(SIGTERM) }
            let code = try await controller.ended()
            let log = try String(contentsOf: deployment.directory.appending(path: "controller.log"), encoding: .utf8)
            try await deployment.startController()
            let slow = try await deployment.withClient { try await $0.keys(name: "slow").items.first }

            #expect(status == 408)
            #expect(code == 0, "\(log.suffix(2000))")
            #expect(slow?.lastUsedAt != nil)
        }
    }

    /// Sends a submission without its end, and calls `body` once the controller waits for the rest.
    ///
    /// - Returns: the status of the answer.
    private func withHalfABody(
        _ deployment: Deployment,
        key: String,
        _ body: () async throws -> Void
    ) async throws -> UInt {
        var configuration = HTTPClient.Configuration()
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file("\(deployment.directory.path)/ca/ca.pem")
        configuration.tlsConfiguration = tls
        configuration.httpVersion = .http1Only
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let (parts, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        continuation.yield(ByteBuffer(string: "{"))
        var request = HTTPClientRequest(url: "https://127.0.0.1:\(deployment.httpPort)/api/v1/jobs")
        request.method = .POST
        request.headers = ["Authorization": "Bearer \(key)", "Content-Type": "application/json"]
        request.body = .stream(parts, length: .unknown)
        let held = request
        let result: Result<UInt, any Error>
        do {
            async let answer = http.execute(held, timeout: .seconds(60)).status.code
            try await isUsed("slow", deployment)
            try await body()
            let code = try await answer
            result = .success(code)
        } catch {
            result = .failure(error)
        }
        continuation.finish()
        try? await http.shutdown()
        return try result.get()
    }

    /// Waits until the controller has seen a key.
    private func isUsed(_ name: String, _ deployment: Deployment) async throws {
        try await deployment.withClient { client in
            while try await client.keys(name: name).items.first?.lastUsedAt == nil {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
