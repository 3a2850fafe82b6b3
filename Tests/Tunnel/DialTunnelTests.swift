// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import Tunnel

@Suite(.timeLimit(.minutes(10)))
struct DialTunnelTests {
    @Test(arguments: ["localhost", "127.0.0.1"])
    func `bytes pass both ways, byte for byte`(host: String) async throws {
        let certificates = try TestCertificates()
        let controller = try await tlsServer(certificates.server())
        try await withTunnel(to: controller.port, host: host, files: certificates.agent()) { tunnel, port in
            let local = try await Wire.connect(port: port)
            let remote = try await controller.next()
            let bytes = patterned(4 << 20)

            async let up: Void = local.send(bytes)
            async let down: Void = remote.send(bytes)

            #expect(try await remote.receive(bytes.readableBytes) == bytes)
            #expect(try await local.receive(bytes.readableBytes) == bytes)
            _ = try await (up, down)
            #expect(tunnel.linkState == .connected)
        }
    }

    @Test func `a controller that goes takes the local connection along`() async throws {
        let certificates = try TestCertificates()
        let controller = try await tlsServer(certificates.server())
        try await withTunnel(to: controller.port, files: certificates.agent()) { tunnel, port in
            let local = try await Wire.connect(port: port)
            let remote = try await controller.next()
            try await remote.send("bye")
            await remote.close()

            #expect(try await local.receiveText(3) == "bye")
            try await local.end()
            await local.close()
            try await eventually { tunnel.linkState == .idle }
        }
    }

    @Test func `a controller with another name is not trusted`() async throws {
        let certificates = try TestCertificates()
        let controller = try await tlsServer(certificates.server(names: ["other.example.org"]))
        try await withTunnel(to: controller.port, files: certificates.agent()) { tunnel, port in
            let local = try await Wire.connect(port: port)
            try await local.end()

            #expect(try await reason(of: tunnel).contains("name mismatch"))
        }
    }

    @Test func `a controller whose certificate is for another address is not trusted`() async throws {
        let certificates = try TestCertificates()
        let controller = try await tlsServer(certificates.server(names: ["10.0.0.1"]))
        try await withTunnel(to: controller.port, host: "127.0.0.1", files: certificates.agent()) { tunnel, port in
            let local = try await Wire.connect(port: port)
            try await local.end()

            #expect(try await reason(of: tunnel).contains("name mismatch"))
        }
    }

    @Test func `a name of its own can be demanded of the controller`() async throws {
        let certificates = try TestCertificates()
        let controller = try await tlsServer(certificates.server(names: ["controller.example.org"]))
        try await withTunnel(
            to: controller.port,
            files: certificates.agent(),
            configure: { $0.serverName = "controller.example.org" }
        ) { tunnel, port in
            let local = try await Wire.connect(port: port)
            try await local.send("hello")

            #expect(try await controller.next().receiveText(5) == "hello")
        }
    }

    @Test func `a controller of a foreign authority is not trusted and gets no byte`() async throws {
        let certificates = try TestCertificates()
        let foreign = try TestCertificates(name: "Foreign")
        let controller = try await tlsServer(foreign.server())
        try await withTunnel(to: controller.port, files: certificates.agent()) { tunnel, port in
            let local = try await Wire.connect(port: port)
            try? await local.send("secret")
            try await local.end()

            #expect(try await reason(of: tunnel).contains("certificate not trusted"))
            let remote = try await controller.next()
            try await remote.closed()
            #expect(remote.state.read { $0.received.readableBytes } == 0)
        }
    }

    @Test func `a certificate the controller refuses is said to be refused`() async throws {
        let foreign = try TestCertificates(name: "Foreign")
        try await withEdge { test in
            var files = try foreign.agent()
            files.authorities = test.certificates.authorityFile
            try await withTunnel(to: test.port, files: files) { tunnel, port in
                let local = try await Wire.connect(port: port)
                try await local.end()

                #expect(try await reason(of: tunnel).contains("our certificate is not"))
            }
        }
    }

    @Test func `an agent that is revoked says so once, dials seldom, and tries a new certificate at once`() async throws
    {
        let log = LogLines()
        try await withEdge(configure: { edge in
            edge.refusal = { $0.hostname == "web-1" ? .revoked : nil }
        }) { test in
            let files = try test.certificates.agent("web-1")
            try await withTunnel(
                to: test.port,
                files: files,
                log: log,
                configure: { $0.refusalPauses = .seconds(600) ... .seconds(600) }
            ) { tunnel, port in
                // As nng does: again and again.
                for _ in 0..<20 {
                    let local = try await Wire.connect(port: port)
                    try? await local.send("SP")
                    try await local.end()
                }
                #expect(tunnel.linkState == .refused(reason: "it is revoked"))
                #expect(test.edge.counters.unwelcome == 1)

                let fresh = try test.certificates.agent("web-2")
                for (new, old) in [
                    (fresh.privateKey, files.privateKey), (fresh.certificateChain, files.certificateChain),
                ] { #expect(rename(new, old) == 0) }

                let local = try await Wire.connect(port: port)
                let upstream = try await test.upstream.next()
                try await upstream.send("x")
                #expect(try await local.receiveText(1) == "x")
                #expect(tunnel.linkState == .connected)
            }
        }
        try await log.lines.wait { $0.count >= 3 ? () : nil }
        #expect(log.lines.read { $0.filter { $0.hasPrefix("error") } }.count == 1)
    }

    @Test func `a controller that refuses goes on being dialled, at pauses that double to a bound`() {
        var pace = RefusalPace(pauses: .seconds(2) ... .seconds(7))
        let files = TLSFiles.Version(stamps: [nil])
        var now = NIODeadline.uptimeNanoseconds(0)
        var pauses: [Int64] = []
        for _ in 0..<4 {
            let isFree = pace.mayDial(with: files, now: now)
            #expect(isFree)
            pace.refused(random: 0, now: now)
            let begun = now
            while !pace.mayDial(with: files, now: now) { now = now + .milliseconds(500) }
            pauses.append((now - begun).nanoseconds / 500_000_000)
        }
        #expect(pauses == [4, 8, 14, 14])

        pace.reset()
        let may = [Int64(0), 1499, 1500].map { milliseconds in
            let isFree = pace.mayDial(with: files, now: now + .milliseconds(milliseconds))
            if milliseconds == 0 { pace.refused(random: 0.5, now: now) }
            return isFree
        }
        #expect(may == [true, false, true])
    }

    @Test func `a controller that stays silent is given up`() async throws {
        let silent = try await WireServer.start()
        let certificates = try TestCertificates()
        try await withTunnel(
            to: silent.port,
            files: certificates.agent(),
            configure: { $0.handshakeTimeout = .milliseconds(200) }
        ) { tunnel, port in
            let local = try await Wire.connect(port: port)
            try await local.end()

            #expect(try await reason(of: tunnel).contains("the handshake took too long"))
        }
    }

    @Test func `the log tells each change once, however often it is tried`() async throws {
        let certificates = try TestCertificates()
        let log = LogLines()
        let reserved = try ReservedPort()
        try await withTunnel(to: reserved.port, host: "127.0.0.1", files: certificates.agent(), log: log) {
            tunnel,
            port in
            for _ in 0..<5 { try await Wire.connect(port: port).end() }
            let controller = try await tlsServer(certificates.server(), port: reserved.port)
            let local = try await Wire.connect(port: port)
            try await controller.next().send("x")
            _ = try await local.receive(1)
            await local.close()
        }

        try await log.lines.wait { $0.count == 3 ? () : nil }
        #expect(
            log.lines.read { $0 } == [
                "warning the controller cannot be reached; trying again: connection refused",
                "info link to the controller is up",
                "info link to the controller closed",
            ]
        )
    }

    @Test func `a name that cannot be resolved is said to be`() async throws {
        let certificates = try TestCertificates()
        try await withTunnel(to: 1, host: "no-such-host.invalid", files: certificates.agent()) { tunnel, port in
            try await Wire.connect(port: port).end()

            #expect(try await reason(of: tunnel) == "the name no-such-host.invalid cannot be resolved")
        }
    }

    @Test func `more local connections than allowed are closed`() async throws {
        let certificates = try TestCertificates()
        let controller = try await tlsServer(certificates.server())
        try await withTunnel(
            to: controller.port,
            files: certificates.agent(),
            configure: { $0.maximumConnections = 1 }
        ) { tunnel, port in
            let first = try await Wire.connect(port: port)
            let remote = try await controller.next()

            try await Wire.connect(port: port).end()

            try await first.send("still")
            #expect(try await remote.receiveText(5) == "still")
        }
    }

    @Test func `a tunnel that is stopped ends its connections`() async throws {
        let certificates = try TestCertificates()
        let controller = try await tlsServer(certificates.server())
        var wires: [Wire] = []
        try await withTunnel(to: controller.port, files: certificates.agent()) { tunnel, port in
            let local = try await Wire.connect(port: port)
            let remote = try await controller.next()
            try await local.send("x")
            _ = try await remote.receive(1)
            wires = [local, remote]
        }

        for wire in wires { try await wire.end() }
    }

    // MARK: Fixtures

    private func tlsServer(_ files: TLSFiles, port: Int = 0) async throws -> WireServer {
        try await WireServer.start(
            port: port,
            context: NIOSSLContext(configuration: files.configuration(for: .server))
        )
    }

    private func withTunnel(
        to port: Int,
        host: String = "localhost",
        files: TLSFiles,
        log: LogLines? = nil,
        configure: (inout DialTunnelService.Configuration) -> Void = { _ in },
        _ body: (DialTunnelService, Int) async throws -> Void
    ) async throws {
        var configuration = DialTunnelService.Configuration(host: host, port: port, files: files)
        configure(&configuration)
        let tunnel = DialTunnelService(configuration: configuration, logger: log?.logger ?? quietLogger())
        try await running(tunnel) { try await body(tunnel, await tunnel.boundPort()) }
    }

    private func reason(of tunnel: DialTunnelService) async throws -> String {
        var reason = ""
        try await eventually {
            switch tunnel.linkState {
            case .unreachable(let text), .refused(let text): reason = text
            case .idle, .connected: return false
            }
            return true
        }
        return reason
    }
}
