// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOSSL
import Testing
import Tunnel

@Suite(.timeLimit(.minutes(10)))
struct EdgeForwardingTests {
    @Test func `megabytes pass both ways at once, byte for byte`() async throws {
        try await withEdge { test in
            let (client, upstream) = try await test.connectedPair()
            let bytes = patterned(8 << 20)

            async let up: Void = client.send(bytes)
            async let down: Void = upstream.send(bytes)
            let atUpstream = try await upstream.receive(bytes.readableBytes)
            let atClient = try await client.receive(bytes.readableBytes)
            _ = try await (up, down)

            #expect(atUpstream == bytes)
            #expect(atClient == bytes)
            #expect(test.edge.counters.bytesFromClients == bytes.readableBytes)
            #expect(test.edge.counters.bytesToClients == bytes.readableBytes)
            try await eventually { test.edge.counters.bytesHeld == 0 }
        }
    }

    @Test(arguments: [false, true])
    func `TLS 1.2 is spoken with those who know no better`(isOld: Bool) async throws {
        try await withEdge { test in
            let client = try await Wire.connect(
                port: test.port,
                files: test.certificates.agent(),
                maximumVersion: isOld ? .tlsv12 : nil
            )
            try await client.send("hello")

            #expect(try await test.upstream.next().receiveText(5) == "hello")
            #expect(try await client.channel.nioSSL_tlsVersion().get() == (isOld ? .tlsv12 : .tlsv13))
        }
    }

    @Test func `the identity is known before the first byte arrives and forgotten after the last`() async throws {
        let directory = PeerDirectory()
        let seen = Watched<(port: Int, identity: PeerIdentity?)?>(nil)
        let server = try await WireServer.start { port in
            let identity = directory.identity(forLocalPort: port)
            seen.update { $0 = (port, identity) }
        }
        try await withEdge(upstream: server, directory: directory) { test in
            let files = try test.certificates.agent("web-7.example.org")
            let client = try await Wire.connect(port: test.port, files: files)
            try await client.send("first")

            let (port, identity) = try await seen.wait { $0 }
            let expected = try agentID(ofCertificatePEMFile: files.certificateChain)
            #expect(identity?.agentID == expected)
            #expect(expected.count == 32)
            #expect(identity?.hostname == "web-7.example.org")
            #expect(identity?.remoteAddress == client.channel.localAddress.map { "127.0.0.1:\($0.port ?? 0)" })
            #expect(directory.count == 1)

            await client.close()
            let upstream = try await server.next()
            try await upstream.end()
            await upstream.close()
            try await eventually { directory.count == 0 }
            #expect(directory.identity(forLocalPort: port) == nil)
        }
    }

    @Test func `a half-closed link delivers everything in both directions`() async throws {
        try await withEdge { test in
            let (client, upstream) = try await test.connectedPair()
            let bytes = patterned(3 << 20)

            async let sent: Void = client.send(bytes)
            #expect(try await upstream.receive(bytes.readableBytes) == bytes)
            try await sent
            try await client.endOutput()
            try await upstream.end()
            try await upstream.send(bytes)
            try await upstream.endOutput()

            #expect(try await client.receive(bytes.readableBytes) == bytes)
            try await client.end()
            try await upstream.closed()
            try await eventually { test.edge.counters.open == 0 }
        }
    }

    @Test func `what the upstream says last reaches a client that reads late`() async throws {
        try await withEdge { test in
            let (client, upstream) = try await test.connectedPair()
            try await client.reads(false)
            let bytes = patterned(1 << 20)

            async let sent: Void = upstream.send(bytes)
            try await eventually { test.edge.counters.bytesToClients > 0 }
            try await client.reads(true)
            try await sent
            await upstream.close()

            #expect(try await client.receive(bytes.readableBytes) == bytes)
            try await client.end()
        }
    }

    @Test func `a side that never ends is cut when its time is over`() async throws {
        try await withEdge(configure: { $0.lingerTimeout = .milliseconds(200) }) { test in
            let (client, upstream) = try await test.connectedPair()

            try await client.endOutput()

            try await upstream.end()
            try await client.closed()
            try await eventually { test.edge.counters.open == 0 && test.directory.count == 0 }
        }
    }

    @Test func `a client that vanishes takes its upstream connection along`() async throws {
        try await withEdge { test in
            let (client, upstream) = try await test.connectedPair()

            // Without lingering, a close is a reset.
            let socket = try #require(client.channel as? any SocketOptionProvider)
            try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            await client.close()

            try await upstream.end()
            try await eventually { test.edge.counters.open == 0 }
        }
    }

    @Test func `a receiver that stops stalls the sender and the edge holds little`() async throws {
        let server = try await WireServer.start(autoRead: false)
        try await withEdge(upstream: server) { test in
            let (client, upstream) = try await test.connectedPair()
            let bytes = patterned(48 << 20)

            async let sent: Void = client.send(bytes)
            let stalledAt = try await untilStill { test.edge.counters.bytesFromClients }
            #expect(stalledAt > 0)
            #expect(stalledAt < bytes.readableBytes)
            #expect(test.edge.counters.bytesHeld > 0)
            #expect(test.edge.counters.bytesHeld <= 128 * 1024)

            try await upstream.reads(true)
            #expect(try await upstream.receive(bytes.readableBytes) == bytes)
            try await sent
        }
    }

    @Test func `a client that never reads stalls the upstream and the edge holds little`() async throws {
        try await withEdge { test in
            let (client, upstream) = try await test.connectedPair()
            try await client.send("ready")
            _ = try await upstream.receive(5)
            try await client.reads(false)
            let bytes = patterned(48 << 20)

            async let sent: Void = upstream.send(bytes)
            let stalledAt = try await untilStill { test.edge.counters.bytesToClients }
            #expect(stalledAt < bytes.readableBytes)
            #expect(test.edge.counters.bytesHeld <= 128 * 1024)

            try await client.reads(true)
            #expect(try await client.receive(bytes.readableBytes) == bytes)
            try await sent
        }
    }

    @Test func `silence in both directions ends a connection`() async throws {
        try await withEdge(configure: { $0.idleTimeout = .milliseconds(300) }) { test in
            let (client, upstream) = try await test.connectedPair()

            try await client.end()
            try await upstream.end()
            #expect(test.edge.counters.closedIdle == 1)
        }
    }

    @Test func `traffic in one direction keeps a connection`() async throws {
        try await withEdge(configure: { $0.idleTimeout = .seconds(20) }) { test in
            let (client, upstream) = try await test.connectedPair()

            let start = ContinuousClock.now
            var sent = 0
            while ContinuousClock.now - start < .seconds(25) {
                try await Task.sleep(for: .milliseconds(500))
                try await upstream.send("x")
                sent += 1
            }

            #expect(try await client.receiveText(sent) == String(repeating: "x", count: sent))
            #expect(test.edge.counters.closedIdle == 0)
        }
    }

    /// Waits until a number has not moved for a while; there is no other sign of a stall.
    private func untilStill(_ number: () -> Int) async throws -> Int {
        var last = number()
        var still = 0
        while still < 10 {
            try await Task.sleep(for: .milliseconds(50))
            let now = number()
            still = now == last && now > 0 ? still + 1 : 0
            last = now
        }
        return last
    }
}
