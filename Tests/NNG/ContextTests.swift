// SPDX-License-Identifier: Apache-2.0

import NNG
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ContextTests {
    @Test(arguments: Transport.allCases)
    func `contexts of one socket ask at the same time`(over transport: Transport) async throws {
        let server = try RawServer(at: transport.freeURL)
        let client = try Socket.request()
        try client.dial(server.url)

        try await withThrowingTaskGroup { group in
            for index in UInt8(0)..<40 {
                group.addTask {
                    let context = try Context(on: client)
                    return try await context.request([index]) == [index]
                }
            }
            // All of them are there before the first is answered.
            let requests = try await server.receive(40)
            try await server.raw.reply(requests.map { Reply(to: $0.address, body: $0.body) })

            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test func `a request without a connection times out, and the context is usable after`() async throws {
        let url = Transport.inproc.freeURL
        let client = try Socket.request(options: .quickReconnect)
        try client.dial(url)
        let context = try Context(on: client)

        #expect(await code { _ = try await context.request([1], timeout: .milliseconds(30)) } == .timedOut)

        let server = try RawServer(at: url)
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.echo() }
            #expect(try await context.request([2]) == [2])
            server.raw.close()
            try await group.waitForAll()
        }
    }

    @Test func `a request that nobody answers times out`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL)
        let client = try Socket.request()
        try client.dial(server.url)
        let context = try Context(on: client)

        #expect(await code { _ = try await context.request([1], timeout: .milliseconds(200)) } == .timedOut)
    }

    @Test func `a context is usable after its request was cancelled`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL)
        let client = try Socket.request()
        try client.dial(server.url)
        let context = try Context(on: client)

        for round in UInt8(0)..<50 {
            try await withThrowingTaskGroup { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { _ = try await context.request([round, 0]) }
                }
                let late = try await server.receive(1)
                group.cancelAll()
                try await group.waitForAll()
                // The answer to what was cancelled must not become the answer to the next request.
                try server.raw.reply(to: late[0].address, body: [99])
            }
            async let answer = context.request([round, 1])
            let requests = try await server.receive(1)
            #expect(requests[0].body == [round, 1])
            try server.raw.reply(to: requests[0].address, body: [round])
            #expect(try await answer == [round])
        }
    }

    @Test(arguments: Transport.allCases)
    func `a request that is cancelled at any moment ends, and the next one has its own answer`(
        over transport: Transport
    ) async throws {
        let server = try RawServer(at: transport.freeURL)
        let client = try Socket.request()
        try client.dial(server.url)
        let context = try Context(on: client)

        try await withThrowingTaskGroup { group in
            group.addTask { try await server.echo() }
            for round in 0..<2000 {
                let number = [UInt8(round >> 8), UInt8(round & 255)]
                let asking = Task { try await context.request(number + [0]) }
                // Between not at all and longer than a request takes.
                for _ in 0..<(round % 40) { await Task.yield() }
                asking.cancel()
                if case .success(let answer) = await asking.result { #expect(answer == number + [0]) }
                #expect(try await context.request(number + [1], timeout: .seconds(60)) == number + [1])
            }
            server.raw.close()
            try await group.waitForAll()
        }
    }

    @Test func `a newer request takes the place of an older one`() async throws {
        let server = try RawServer(at: Transport.inproc.freeURL)
        let client = try Socket.request()
        try client.dial(server.url)
        let context = try Context(on: client)

        async let first = code { _ = try await context.request([1]) }
        _ = try await server.receive(1)
        async let second = context.request([2])
        let request = try await server.receive(1)[0]
        try server.raw.reply(to: request.address, body: [2])

        #expect(await first == .cancelled)
        #expect(try await second == [2])
    }

    @Test func `a pending request is sent again when the peer comes back`() async throws {
        let first = try RawServer(at: Transport.tcp.freeURL)
        let client = try Socket.request(options: .quickReconnect)
        try client.dial(first.url)
        let context = try Context(on: client)
        async let answer = context.request([7], timeout: .seconds(60))
        #expect(try await first.receive(1).first?.body == [7])

        first.raw.close()
        let second = try RawServer(at: first.url)

        let again = try #require(try await second.receive(1).first)
        #expect(again.body == [7])
        try second.raw.reply(to: again.address, body: [8])
        #expect(try await answer == [8])
    }

    @Test func `without resending, a lost connection ends the request`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL)
        let client = try Socket.request(options: .init(requestResendInterval: nil))
        try client.dial(server.url)
        let context = try Context(on: client)
        async let outcome = code { _ = try await context.request([7], timeout: .seconds(60)) }
        let pipe = try #require(try await server.receive(1).first?.pipe)

        server.raw.closePipe(pipe)

        #expect(await outcome == .connectionReset)
    }

    @Test func `an unanswered request is sent again after the interval`() async throws {
        let server = try RawServer(at: Transport.inproc.freeURL)
        let client = try Socket.request(options: .init(requestResendInterval: .milliseconds(50)))
        try client.dial(server.url)
        let context = try Context(on: client)

        async let answer = context.request([7], timeout: .seconds(60))
        let requests = try await server.receive(2)
        try server.raw.reply(to: requests[1].address, body: [8])

        #expect(Set(requests).count == 1)
        #expect(try await answer == [8])
    }

    @Test func `a raw socket has no contexts`() throws {
        let socket = try Socket.rawReply()

        #expect(throws: NNGError.self) { try Context(on: socket) }
    }
}
