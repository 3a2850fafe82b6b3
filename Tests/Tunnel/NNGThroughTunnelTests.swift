// SPDX-License-Identifier: Apache-2.0

import Foundation
import NNG
import Testing
import Tunnel

/// nng itself behind the edge and in front of the dial tunnel.
@Suite(.timeLimit(.minutes(10)))
struct NNGThroughTunnelTests {
    @Test func `requests pass through both tunnels and every pipe has an identity`() async throws {
        try await withController { controller in
            let files = try controller.certificates.agent("web-1")
            let tunnel = DialTunnelService(
                configuration: .init(host: "localhost", port: controller.port, files: files),
                logger: quietLogger()
            )
            try await running(tunnel) {
                let request = try NNG.Socket.request()
                try request.dial("tcp://127.0.0.1:\(await tunnel.boundPort())")
                let context = try Context(on: request)

                for size in [0, 1, 1000, 300_000] {
                    let body = [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size)
                    #expect(try await context.request(body, timeout: .seconds(30)) == body)
                }
                request.close()
            }
            let expected = try agentID(ofCertificatePEMFile: files.certificateChain)
            #expect(controller.identities.read { $0.map(\.?.agentID) } == [expected])
        }
    }

    @Test func `a client with nng's own TLS talks through the edge`() async throws {
        try await withController { controller in
            let files = try controller.certificates.agent("foreign-client")
            let identityFile = controller.certificates.directory + "/identity.pem"
            let text =
                try String(contentsOfFile: files.certificateChain, encoding: .utf8)
                + String(contentsOfFile: files.privateKey, encoding: .utf8)
            try text.write(toFile: identityFile, atomically: true, encoding: .utf8)
            let request = try NNG.Socket.request()
            try request.dial(
                "tls+tcp://localhost:\(controller.port)",
                tls: TLS(
                    authorityFile: #require(files.authorities),
                    identityFile: identityFile,
                    serverName: "localhost"
                )
            )
            let context = try Context(on: request)

            for size in [5, 200_000] {
                let body = [UInt8](repeating: 7, count: size)
                #expect(try await context.request(body, timeout: .seconds(30)) == body)
            }
            request.close()

            let expected = try agentID(ofCertificatePEMFile: files.certificateChain)
            #expect(controller.identities.read { $0.map(\.?.agentID) } == [expected])
            #expect(controller.identities.read { $0.map(\.?.hostname) } == ["foreign-client"])
        }
    }

    @Test func `who reaches nng's port past the edge has no identity`() async throws {
        try await withController { controller in
            let request = try NNG.Socket.request()
            try request.dial("tcp://127.0.0.1:\(controller.nngPort)")

            try await controller.identities.wait { $0.contains { $0 == nil } ? () : nil }
            let context = try Context(on: request)
            await #expect(throws: (any Error).self) {
                try await context.request([1], timeout: .milliseconds(300))
            }
            request.close()
        }
    }

    // MARK: Fixture

    private struct Controller {
        let certificates: TestCertificates
        let port: Int
        let nngPort: Int
        /// What the pipe callback has found, in the order of the pipes.
        let identities: Watched<[PeerIdentity?]>
    }

    /// An nng socket that echoes, behind an edge.
    private func withController(_ body: (Controller) async throws -> Void) async throws {
        let directory = PeerDirectory()
        let identities = Watched<[PeerIdentity?]>([])
        let reply = try NNG.Socket.reply()
        try reply.handlePipes(adding: { pipe in
            let identity = pipe.remoteAddress.flatMap { directory.identity(forLocalPort: Int($0.port)) }
            identities.update { $0.append(identity) }
            return identity == nil ? .reject : .accept
        })
        let nngPort = Int(try reply.listen(at: "tcp://127.0.0.1:0").port ?? 0)
        let certificates = try TestCertificates()
        var configuration = EdgeService.Configuration(
            bindPort: 0,
            upstreamPort: nngPort,
            files: try certificates.server()
        )
        configuration.bindHost = "127.0.0.1"
        let edge = EdgeService(configuration: configuration, directory: directory, logger: quietLogger())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let context = try Context(on: reply)
                while true { try await context.send(context.receive()) }
            }
            try await running(edge) {
                let port = try await edge.boundPort()
                try await body(
                    Controller(certificates: certificates, port: port, nngPort: nngPort, identities: identities)
                )
            }
            group.cancelAll()
            do {
                try await group.waitForAll()
            } catch is CancellationError {}
        }
        reply.close()
    }
}
