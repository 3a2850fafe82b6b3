// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOSSL
import Synchronization
import Testing
import Tunnel

/// Who is not let through though the certificate is good, and who is cut off though he was.
@Suite(.timeLimit(.minutes(10)))
struct EdgeRefusalTests {
    private final class Revoked: Sendable {
        private let names = Mutex<Set<String>>([])

        func add(_ name: String) { names.withLock { _ = $0.insert(name) } }

        func refusal(of identity: PeerIdentity) -> EdgeRefusal? {
            names.withLock { names in identity.hostname.map(names.contains) == true ? .revoked : nil }
        }
    }

    @Test func `a revoked certificate reaches nobody, is told so and counted, and others notice nothing`() async throws
    {
        let revoked = Revoked()
        let turnedAway = Mutex<[EdgeRefusal]>([])
        revoked.add("web-2")
        try await withEdge(configure: { configuration in
            configuration.refusal = revoked.refusal
            configuration.turnedAway = { refusal in turnedAway.withLock { $0.append(refusal) } }
        }) { test in
            let (friend, upstream) = try await test.connectedPair()

            let client = try await test.connect("web-2")
            try? await client.send("let me in")
            #expect(try await client.receiveText(24) == "broker refuses: revoked\n")
            try await client.end()

            try await eventually { test.edge.counters.unwelcome == 1 }
            #expect(turnedAway.withLock { $0 } == [.revoked])
            #expect(test.upstream.waiting == 0)
            #expect(test.directory.count == 1)
            try await friend.send("still here")
            #expect(try await upstream.receiveText(10) == "still here")
        }
    }

    @Test func `a connection is cut when its certificate is revoked, and only that one`() async throws {
        let revoked = Revoked()
        try await withEdge(configure: { $0.refusal = revoked.refusal }) { test in
            let (friend, upstream) = try await test.connectedPair()
            let bad = try await test.connect("web-2")
            let badUpstream = try await test.upstream.next()
            try await bad.send("hello")
            #expect(try await badUpstream.receiveText(5) == "hello")

            revoked.add("web-2")
            test.directory.close { revoked.refusal(of: $0) != nil }

            try await bad.end()
            try await badUpstream.end()
            try await eventually { test.directory.count == 1 }
            try await friend.send("still here")
            #expect(try await upstream.receiveText(10) == "still here")
        }
    }

    @Test func `a connection does not outlive its certificate`() async throws {
        try await withEdge(configure: { $0.recheckInterval = .milliseconds(50) }) { test in
            // Long enough for a connection on a busy machine.
            let now = Date().timeIntervalSince1970.rounded(.down)
            let issued = Date(timeIntervalSince1970: now - 86_400 + 12)
            let client = try await Wire.connect(
                port: test.port,
                files: test.certificates.agent("short", issued: issued, days: 1)
            )
            try await client.send("hello")
            let upstream = try await test.upstream.next()
            #expect(try await upstream.receiveText(5) == "hello")

            try await upstream.end()

            try await client.end()
            #expect(issued.addingTimeInterval(86_400) <= Date())
        }
    }

    @Test func `TLS 1.2 with AEAD and forward secrecy is let in`() async throws {
        try await withEdge { test in
            let client = try await Wire.connect(
                port: test.port,
                files: test.certificates.agent(),
                maximumVersion: .tlsv12
            )

            try await client.send("hello")

            let upstream = try await test.upstream.next()
            #expect(try await upstream.receiveText(5) == "hello")
        }
    }
}
