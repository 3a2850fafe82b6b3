// SPDX-License-Identifier: Apache-2.0

import NNG
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct PipeTests {
    @Test func `a peer that vanishes is reported`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL)
        let client = try Socket.request()
        try client.dial(server.url)
        guard case .adding(let id) = try await server.events.next() else { throw Unexpected() }

        client.close()

        #expect(try await server.events.next() == .added(id))
        #expect(try await server.events.next() == .removed(id))
    }

    @Test func `a rejected pipe delivers nothing`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL, admission: .reject)
        let client = try Socket.request(options: .quickReconnect)
        try client.dial(server.url)
        let context = try Context(on: client)

        try await withThrowingTaskGroup { group in
            group.addTask { try await context.request([1], timeout: .milliseconds(500)) }
            group.addTask {
                for await batch in server.raw { Issue.record("\(batch.count) requests came by a rejected pipe") }
                return []
            }
            // The dialer tries again and again, and each time it is rejected.
            var events: [PipeEvent] = []
            while events.count < 10 { events.append(try await server.events.next()) }
            #expect(!events.contains { if case .added = $0 { true } else { false } })
            #expect(events.contains { if case .removed = $0 { true } else { false } })
            await #expect(throws: NNGError.self) { _ = try await group.next() }
            group.cancelAll()
        }
    }

    @Test func `the remote address of a pipe is known until it is removed`() async throws {
        let addresses = Events<RemoteAddress?>()
        let server = try Socket.reply()
        try server.handlePipes(
            adding: {
                addresses.send($0.remoteAddress)
                return .accept
            },
            added: { addresses.send($0.remoteAddress) },
            removed: { addresses.send($0.remoteAddress) }
        )
        let client = try Socket.request()
        try client.dial(server.listen(at: "tcp://127.0.0.1:0").url)

        let address = try #require(try await addresses.next())
        #expect(address.host == "127.0.0.1")
        #expect(address.port > 0)
        #expect(try await addresses.next() == address)
        client.close()
        #expect(try await addresses.next() == nil)
    }

    @Test func `the dialer sees the port of the listener`() async throws {
        let addresses = Events<RemoteAddress?>()
        let server = try Socket.reply()
        let listener = try server.listen(at: "tcp://127.0.0.1:0")
        let client = try Socket.request()
        try client.handlePipes(adding: {
            addresses.send($0.remoteAddress)
            return .accept
        })
        try client.dial(listener.url)

        #expect(try await addresses.next()?.port == listener.port)
    }

    @Test func `inproc has no remote address`() async throws {
        let addresses = Events<RemoteAddress?>()
        let server = try Socket.reply()
        try server.handlePipes(adding: {
            addresses.send($0.remoteAddress)
            return .accept
        })
        let client = try Socket.request()
        try client.dial(server.listen(at: Transport.inproc.freeURL).url)

        #expect(try await addresses.next() == nil)
    }

    @Test func `handlers are set once`() throws {
        let socket = try Socket.reply()
        try socket.handlePipes(adding: { _ in .accept })

        let error = #expect(throws: NNGError.self) { try socket.handlePipes(adding: { _ in .reject }) }

        #expect(error?.code == .state)
    }

    @Test func `closing lets the handlers go`() throws {
        final class Captured: Sendable {}
        let socket = try Socket.reply()
        var captured: Captured? = Captured()
        weak let observed = captured
        try socket.handlePipes(adding: { [captured] _ in
            withExtendedLifetime(captured) { .accept }
        })
        captured = nil
        #expect(observed != nil)

        socket.close()

        #expect(observed == nil)
    }

    @Test func `an oversized message closes its pipe and no other`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL, options: .init(receiveMaximum: 1024))
        let good = try Socket.request()
        try good.dial(server.url, start: .blocking)
        let context = try Context(on: good)

        try await withThrowingTaskGroup { group in
            group.addTask { try await server.echo() }
            #expect(try await context.request([1]) == [1])

            // Not earlier: who connects and does not greet within ten seconds is cut off.
            let bad = try RawPeer(to: server.url)
            try bad.greet()
            try bad.send(length: 1 << 40, [0x80, 0, 0, 1])

            #expect(bad.read(1) == [])
            #expect(try await context.request([2]) == [2])
            #expect(
                await code {
                    _ = try await context.request(.init(repeating: 0, count: 4096), timeout: .milliseconds(300))
                } == .timedOut
            )
            server.raw.close()
            try await group.waitForAll()
        }
    }

    @Test(
        arguments: [[], [1], [1, 2, 3], [0, 0, 0, 1], [0, 0, 0, 1, 0, 0], Array(repeating: 0, count: 200)] as [[UInt8]]
    )
    func `a message without a sound header is not delivered`(_ message: [UInt8]) async throws {
        let server = try RawServer(at: Transport.tcp.freeURL)
        let bad = try RawPeer(to: server.url)
        try bad.greet()
        try bad.send(message)
        let good = try RawPeer(to: server.url)
        try good.greet()
        try good.send([0x80, 0, 0, 5])
        try good.send([0, 0, 0, 9, 0x80, 0, 0, 6, 42])

        let requests = try await server.receive(2).sorted { $0.body.count < $1.body.count }

        #expect(requests.map(\.body) == [[], [42]])
        // The second came by way of a device: its id has to come back too.
        try server.raw.reply(to: requests[1].address, body: [43])
        #expect(good.read(17) == [0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 9, 0x80, 0, 0, 6, 43])
    }
}
