// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Testing

@testable import Tunnel

@Suite(.timeLimit(.minutes(10)))
struct EdgeAdmissionTests {
    // MARK: Who takes too long

    @Test func `a silent peer is cut when the time for its handshake is over`() async throws {
        try await withEdge(configure: { $0.handshakeTimeout = .milliseconds(300) }) { test in
            let silent = try await Wire.connect(port: test.port)

            try await silent.end()

            #expect(test.edge.counters.handshakeTimeouts == 1)
            #expect(test.edge.counters.handshakesFailed == 0)
            #expect(test.upstream.waiting == 0)
            try await eventually { test.edge.counters.open == 0 && test.edge.counters.handshaking == 0 }
        }
    }

    @Test func `a handshake that stops half-way is cut as well`() async throws {
        try await withEdge(configure: { $0.handshakeTimeout = .milliseconds(300) }) { test in
            let half = try await Wire.connect(port: test.port)
            // A record that announces 512 bytes of client hello, of which only four come.
            try await half.send(ByteBuffer(bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC]))

            try await half.end()

            #expect(test.edge.counters.handshakeTimeouts == 1)
            try await eventually { test.edge.counters.open == 0 }
        }
    }

    @Test func `a peer that dribbles is served, and others are meanwhile`() async throws {
        try await withEdge { test in
            async let dribbling = Wire.connect(port: test.port, files: test.certificates.agent("slow"), dribble: true)
            let (quick, upstream) = try await test.connectedPair()
            try await quick.send("quick")
            #expect(try await upstream.receiveText(5) == "quick")

            let slow = try await dribbling
            try await slow.send("slow and steady")
            let other = try await test.upstream.next()
            #expect(try await other.receiveText(15) == "slow and steady")
            #expect(test.edge.counters.handshakeTimeouts == 0)
        }
    }

    @Test func `a client that leaves during its handshake frees its place`() async throws {
        try await withEdge(configure: { $0.maximumHandshakes = 1 }) { test in
            let leaving = try await Wire.connect(port: test.port)
            try await eventually { test.edge.counters.handshaking == 1 }
            await leaving.close()

            let (client, upstream) = try await test.connectedPair()
            try await client.send("next")

            #expect(try await upstream.receiveText(4) == "next")
            #expect(test.edge.counters.handshakesFailed == 1)
        }
    }

    @Test func `what is no TLS is refused at once`() async throws {
        try await withEdge { test in
            let client = try await Wire.connect(port: test.port)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")

            try await client.end()

            try await eventually { test.edge.counters.handshakesFailed == 1 }
            #expect(test.edge.counters.handshakeTimeouts == 0)
        }
    }

    // MARK: Who is not let in

    @Test(arguments: Intruder.allCases)
    func `a client without a good certificate is refused, and others notice nothing`(intruder: Intruder) async throws {
        try await withEdge { test in
            let (friend, upstream) = try await test.connectedPair()
            let context = try intruder.context(certificates: test.certificates)

            let client = try await Wire.connect(port: test.port, context: context)
            try? await client.send("let me in")
            try await client.end()

            try await eventually { test.edge.counters.handshakesFailed == 1 }
            #expect(test.upstream.waiting == 0)
            #expect(test.directory.count == 1)
            try await friend.send("still here")
            #expect(try await upstream.receiveText(10) == "still here")
        }
    }

    @Test func `more connections than allowed are closed, and a free place is given again`() async throws {
        try await withEdge(configure: { $0.maximumConnections = 2 }) { test in
            let (first, upstream) = try await test.connectedPair()
            let (second, _) = try await test.connectedPair()
            try await second.send("x")

            let third = try await Wire.connect(port: test.port)
            try await third.end()
            #expect(test.edge.counters.refused == 1)
            #expect(test.edge.counters.open == 2)

            await first.close()
            await upstream.close()
            try await eventually { test.edge.counters.open == 1 }
            let (fourth, last) = try await test.connectedPair()
            try await fourth.send("in")
            #expect(try await last.receiveText(2) == "in")
        }
    }

    @Test func `with one handshake at a time a silent peer delays the next one only until its timeout`() async throws {
        try await withEdge(configure: {
            $0.maximumHandshakes = 1
            $0.handshakeTimeout = .seconds(10)
        }) { test in
            let silent = try await Wire.connect(port: test.port)
            try await eventually { test.edge.counters.handshaking == 1 }

            let (client, upstream) = try await test.connectedPair()
            try await client.send("my turn")

            #expect(try await upstream.receiveText(7) == "my turn")
            #expect(test.edge.counters.handshakeTimeouts == 1)
            try await silent.end()
        }
    }

    @Test(arguments: [1, 3])
    func `a fleet that comes at once gets in, a few handshakes at a time`(threads: Int) async throws {
        try await withEdge(configure: {
            $0.maximumHandshakes = 4
            $0.threads = threads
        }) { test in
            let files = try test.certificates.agent()

            let clients = try await withThrowingTaskGroup(of: Wire.self) { group in
                for _ in 0..<60 { group.addTask { try await Wire.connect(port: test.port, files: files) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }

            for client in clients { try await client.send("x") }
            try await eventually { test.edge.counters.bytesFromClients == 60 }
            #expect(test.edge.counters.open == 60)
            #expect(test.edge.counters.handshakesFailed == 0)
            #expect(test.directory.count == 60)
        }
    }

    // MARK: Start and stop

    @Test func `an upstream that does not listen is counted and the client is let go`() async throws {
        let server = try await WireServer.start()
        let unused = try ReservedPort()
        try await withEdge(upstream: server, configure: { $0.upstreamPort = unused.port }) { test in
            let client = try await test.connect()

            try await client.end()

            #expect(test.edge.counters.upstreamFailed == 1)
            try await eventually { test.edge.counters.open == 0 }
        }
    }

    @Test func `renewed certificates are used without a restart`() async throws {
        let next = try TestCertificates(name: "Next")
        try await withEdge { test in
            let before = try await test.connect()
            try await before.send("old")
            let files = try #require(test.serverFiles)
            let renewed = try next.server()

            try replace(files.certificateChain, by: renewed.certificateChain)
            try replace(files.privateKey, by: renewed.privateKey)
            try replace(#require(files.authorities), by: #require(renewed.authorities))

            let after = try await Wire.connect(port: test.port, files: next.agent("renewed"))
            try await after.send("new")
            try await eventually { test.edge.counters.bytesFromClients == 6 }
            #expect(test.edge.counters.handshakesFailed == 0)
        }
    }

    @Test func `half-renewed certificates leave the old ones in use`() async throws {
        let next = try TestCertificates(name: "Next")
        try await withEdge { test in
            let files = try #require(test.serverFiles)
            try replace(files.certificateChain, by: next.server().certificateChain)

            let (client, upstream) = try await test.connectedPair()
            try await client.send("fine")

            #expect(try await upstream.receiveText(4) == "fine")
        }
    }

    @Test func `an edge that is stopped ends its connections and delivers what it holds`() async throws {
        let server = try await WireServer.start()
        var wires: [(client: Wire, upstream: Wire)] = []
        try await withEdge(upstream: server) { test in
            for _ in 0..<5 { wires.append(try await test.connectedPair()) }
            for wire in wires { try await wire.client.send("last words") }
            _ = try await Wire.connect(port: test.port)
            try await eventually { test.edge.counters.bytesFromClients == 50 }
        }

        for wire in wires {
            #expect(try await wire.upstream.receiveText(10) == "last words")
            try await wire.upstream.end()
            try await wire.client.end()
        }
    }

    @Test func `an edge shuts down gracefully in a group of services`() async throws {
        let certificates = try TestCertificates()
        let server = try await WireServer.start()
        let edge = EdgeService(
            configuration: .init(bindPort: 0, upstreamPort: server.port, files: try certificates.server()),
            directory: PeerDirectory(),
            logger: quietLogger()
        )
        let services = ServiceGroup(services: [edge], logger: quietLogger())

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let client = try await Wire.connect(port: edge.boundPort(), files: certificates.agent())
            try await client.send("x")
            let upstream = try await server.next()
            _ = try await upstream.receive(1)

            await services.triggerGracefulShutdown()

            try await client.end()
            try await upstream.end()
            try await group.waitForAll()
        }
        #expect(edge.counters.open == 0)
    }

    @Test func `an edge without usable certificates does not start`() async throws {
        let files = TLSFiles(certificateChain: "/nonexistent", privateKey: "/nonexistent", authorities: "/nonexistent")
        let edge = EdgeService(
            configuration: .init(bindPort: 0, upstreamPort: 1, files: files),
            directory: PeerDirectory(),
            logger: quietLogger()
        )

        let error = await #expect(throws: TunnelError.self) { try await edge.run() }

        #expect(error?.code == .credentials)
        await #expect(throws: TunnelError.self) { try await edge.boundAddress() }
    }

    @Test func `an address that is taken is said to be`() async throws {
        let server = try await WireServer.start()
        let certificates = try TestCertificates()
        var configuration = EdgeService.Configuration(
            bindPort: server.port,
            upstreamPort: 1,
            files: try certificates.server()
        )
        configuration.bindHost = "127.0.0.1"
        let edge = EdgeService(configuration: configuration, directory: PeerDirectory(), logger: quietLogger())

        let error = await #expect(throws: TunnelError.self) { try await edge.run() }

        #expect(error?.code == .bind)
    }

    private func replace(_ path: String, by other: String) throws {
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: other, toPath: path)
    }
}

/// Clients that must stay outside.
enum Intruder: String, CaseIterable, CustomTestStringConvertible {
    case noCertificate
    case foreignAuthority
    case expired
    case notYetValid
    case serverCertificate
    case tls10
    case tls11
    case tls12WithoutAEAD

    var testDescription: String { rawValue }

    func context(certificates: TestCertificates) throws -> NIOSSLContext {
        let files: TLSFiles
        switch self {
        case .noCertificate, .tls10, .tls11, .tls12WithoutAEAD: files = try certificates.agent("intruder")
        case .foreignAuthority:
            let foreign = try TestCertificates(name: "Foreign")
            var configuration = try foreign.agent().configuration(for: .client)
            configuration.trustRoots = .file(certificates.authorityFile)
            return try NIOSSLContext(configuration: configuration)
        case .expired:
            files = try certificates.agent("late", issued: Date(timeIntervalSinceNow: -20 * 86_400), days: 10)
        case .notYetValid: files = try certificates.agent("early", issued: Date(timeIntervalSinceNow: 86_400))
        case .serverCertificate: files = try certificates.server()
        }
        var configuration = try files.configuration(for: .client)
        if self == .noCertificate {
            configuration.certificateChain = []
            configuration.privateKey = nil
        }
        try speakOld(&configuration)
        return try NIOSSLContext(configuration: configuration)
    }

    private func speakOld(_ configuration: inout TLSConfiguration) throws {
        switch self {
        case .tls10: (configuration.minimumTLSVersion, configuration.maximumTLSVersion) = (.tlsv1, .tlsv1)
        case .tls11: (configuration.minimumTLSVersion, configuration.maximumTLSVersion) = (.tlsv1, .tlsv11)
        case .tls12WithoutAEAD: configuration.maximumTLSVersion = .tlsv12
        default: return
        }
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        ]
    }
}
