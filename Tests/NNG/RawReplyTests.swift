// SPDX-License-Identifier: Apache-2.0

import NNG
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RawReplyTests {
    @Test(arguments: Transport.allCases)
    func `thousands of parked requests are answered in reverse order`(over transport: Transport) async throws {
        let server = try RawServer(at: transport.freeURL)
        let clients = try (0..<60).map { _ in
            let client = try Socket.request()
            try client.dial(server.url)
            return client
        }

        try await withThrowingTaskGroup { group in
            for index in 0..<3000 {
                let context = try Context(on: clients[index % clients.count])
                group.addTask {
                    let body = [UInt8(truncatingIfNeeded: index), UInt8(truncatingIfNeeded: index >> 8)]
                    return try await context.request(body) == body + [1]
                }
            }
            let parked = try await server.receive(3000)
            #expect(Set(parked.map(\.address)).count == 3000)
            #expect(Set(parked.map(\.pipe)).count == 60)
            try await server.raw.reply(parked.reversed().map { Reply(to: $0.address, body: $0.body + [1]) })

            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test(arguments: [1, 2, 7])
    func `a tiny inbox loses nothing`(places: Int) async throws {
        let server = try RawServer(at: Transport.tcp.freeURL, options: .init(), limits: .init(requests: places))
        let clients = try (0..<10).map { _ in
            let client = try Socket.request()
            try client.dial(server.url)
            return client
        }

        try await withThrowingTaskGroup { group in
            for index in 0..<500 {
                let context = try Context(on: clients[index % clients.count])
                group.addTask { _ = try await context.request([UInt8(index % 256), UInt8(index / 256)]) }
            }
            // A request that waits for long is sent again, so that it can come twice.
            var seen: Set<[UInt8]> = []
            for await batch in server.raw {
                #expect(batch.count <= places)
                seen.formUnion(batch.map(\.body))
                for request in batch { try server.raw.reply(to: request.address, body: []) }
                if seen.count == 500 { break }
            }
            try await group.waitForAll()
        }
    }

    @Test func `an inbox full of bytes loses nothing`() async throws {
        let server = try RawServer(at: Transport.inproc.freeURL, limits: .init(requestBytes: 1000))
        let client = try Socket.request()
        try client.dial(server.url)

        try await withThrowingTaskGroup { group in
            for _ in 0..<50 {
                let context = try Context(on: client)
                group.addTask { try await context.request(.init(repeating: 1, count: 900)).count }
            }
            group.addTask {
                try await server.echo()
                return 0
            }
            for _ in 0..<50 { #expect(try await group.next() == 900) }
            server.raw.close()
            try await group.waitForAll()
        }
    }

    @Test func `a batch larger than the room for replies is sent in full`() async throws {
        let server = try RawServer(
            at: Transport.tcp.freeURL,
            options: .init(sendBuffer: 0),
            limits: .init(replies: 3)
        )
        let clients = try (0..<20).map { _ in
            let client = try Socket.request()
            try client.dial(server.url)
            return client
        }

        try await withThrowingTaskGroup { group in
            for index in 0..<1000 {
                let context = try Context(on: clients[index % clients.count])
                group.addTask { try await context.request([1]).count }
            }
            let parked = try await server.receive(1000)
            try await server.raw.reply(parked.map { Reply(to: $0.address, body: .init(repeating: 0, count: 2000)) })

            for try await count in group { #expect(count == 2000) }
        }
    }

    @Test func `replies to a peer that has gone are dropped`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL)
        let gone = try Socket.request()
        try gone.dial(server.url)
        try await gone.send([1])
        let request = try #require(try await server.receive(1).first)
        gone.close()
        _ = try await (server.events.next(), server.events.next(), server.events.next())

        for _ in 0..<100 { try server.raw.reply(to: request.address, body: [1]) }

        let client = try Socket.request()
        try client.dial(server.url)
        let context = try Context(on: client)
        async let answer = context.request([2])
        let next = try #require(try await server.receive(1).first)
        try server.raw.reply(to: next.address, body: [3])
        #expect(try await answer == [3])
    }

    @Test func `the sequence ends when the socket is closed, and replies fail`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL)
        let client = try Socket.request()
        try client.dial(server.url)
        try await client.send([1])
        let request = try #require(try await server.receive(1).first)

        await withTaskGroup { group in
            group.addTask { for await _ in server.raw { Issue.record("nothing was sent") } }
            await Task.yield()
            server.raw.close()
        }

        #expect(await code { try server.raw.reply(to: request.address, body: []) } == .closed)
        #expect(await code { try await server.raw.reply([Reply(to: request.address, body: [])]) } == .closed)
    }

    @Test func `a cancelled consumer returns and loses nothing`() async throws {
        let server = try RawServer(at: Transport.inproc.freeURL)
        let client = try Socket.request()
        try client.dial(server.url)

        for index in 0..<20_000 {
            await withTaskGroup { group in
                let hasStarted = Atomic(false)
                group.addTask {
                    hasStarted.store(true, ordering: .relaxed)
                    for await _ in server.raw { Issue.record("nothing was sent") }
                }
                // Cancels at all points around the moment when the consumer begins to wait.
                while !hasStarted.load(ordering: .relaxed) { await Task.yield() }
                for _ in 0..<(index % 100) { _ = hasStarted.load(ordering: .relaxed) }
                group.cancelAll()
            }
        }

        try await client.send([5])
        #expect(try await server.receive(1).first?.body == [5])
    }

    @Test func `a pipe that is closed is dialled again`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL)
        let client = try Socket.request(options: .quickReconnect)
        try client.dial(server.url)
        let context = try Context(on: client)
        async let answer = context.request([1])
        let first = try #require(try await server.receive(1).first)

        server.raw.closePipe(first.pipe)

        let second = try #require(try await server.receive(1).first)
        #expect(second.pipe != first.pipe)
        try server.raw.reply(to: second.address, body: [2])
        #expect(try await answer == [2])
    }

    @Test func `a dropped raw socket is closed`() async throws {
        let removed = Events<Void>()
        let client = try Socket.request()
        try client.handlePipes(adding: { _ in .accept }, removed: { _ in removed.send(()) })
        var server: RawServer? = try RawServer(at: Transport.inproc.freeURL)
        weak let observed = server?.raw
        try client.dial(#require(server?.url), start: .blocking)

        server = nil

        #expect(observed == nil)
        try await removed.next()
    }
}
