// SPDX-License-Identifier: Apache-2.0

import NNG
import Testing

@Suite(.timeLimit(.minutes(10)))
struct SocketTests {
    @Test(arguments: Transport.allCases)
    func `a request is answered`(over transport: Transport) async throws {
        let server = try Socket.reply()
        let listener = try server.listen(at: transport.freeURL)
        let client = try Socket.request()
        try client.dial(listener.url)

        try await client.send([1, 2, 3])
        let request = try await server.receive()
        try await server.send(request + [4])

        #expect(try await client.receive() == [1, 2, 3, 4])
    }

    @Test func `an empty message arrives empty`() async throws {
        let server = try Socket.reply()
        let client = try Socket.request()
        try client.dial(server.listen(at: Transport.inproc.freeURL).url)

        try await client.send([])

        #expect(try await server.receive() == [])
    }

    @Test func `the url of a listener carries the port that is bound`() throws {
        let socket = try Socket.reply()

        let listener = try socket.listen(at: "tcp://127.0.0.1:0")

        let port = try #require(listener.port)
        #expect(port > 0)
        #expect(listener.url == "tcp://127.0.0.1:\(port)")
        #expect(try socket.listen(at: Transport.inproc.freeURL).port == nil)
    }

    @Test func `an address in use is an error that says so`() throws {
        let first = try Socket.reply()
        let second = try Socket.reply()
        let url = try first.listen(at: "tcp://127.0.0.1:0").url

        let error = #expect(throws: NNGError.self) { try second.listen(at: url) }

        #expect(error?.code == .addressInUse)
        #expect(error?.operation == "listen at \(url)")
    }

    @Test func `a closed listener frees its address`() async throws {
        let first = try Socket.reply()
        let second = try Socket.reply()
        let listener = try first.listen(at: Transport.inproc.freeURL)
        listener.close()
        listener.close()

        try second.listen(at: listener.url)
    }

    @Test func `nobody listens where a blocking dial goes`() throws {
        let client = try Socket.request()

        // A port that is given back is soon another test's; this one the system gives to nobody.
        let error = #expect(throws: NNGError.self) { try client.dial("tcp://127.0.0.1:1", start: .blocking) }

        #expect(error?.code == .refused)
    }

    @Test func `a url without sense is refused`() throws {
        let socket = try Socket.reply()

        #expect(throws: NNGError.self) { try socket.listen(at: "nonsense") }
        #expect(throws: NNGError.self) { try socket.dial("tcp:/127.0.0.1") }
    }

    @Test func `options out of range are refused`() {
        #expect(throws: NNGError.self) { try Socket.request(options: .init(receiveBuffer: 100_000)) }
        #expect(throws: NNGError.self) { try Socket.request(options: .init(receiveMaximum: 0)) }
    }

    @Test func `certificates that are not there are an error`() throws {
        let client = try Socket.request()

        #expect(throws: NNGError.self) {
            try client.dial("tls+tcp://127.0.0.1:1", tls: TLS(authorityFile: "/nonexistent/ca.pem"))
        }
    }

    @Test func `a receive without a message times out`() async throws {
        let server = try Socket.reply()

        let code = await code { _ = try await server.receive(timeout: .milliseconds(20)) }

        #expect(code == .timedOut)
    }

    @Test func `to receive a reply without a request does not fit the state`() async throws {
        let client = try Socket.request()

        #expect(await code { _ = try await client.receive() } == .state)
    }

    @Test func `closing ends what waits, and can be repeated`() async throws {
        let server = try Socket.reply()
        let client = try Socket.request()
        let context = try Context(on: client)

        await withTaskGroup { group in
            group.addTask { await code { _ = try await server.receive() } }
            group.addTask { await code { try await client.send([1]) } }
            group.addTask { await code { _ = try await context.request([1]) } }
            await Task.yield()
            server.close()
            client.close()
            server.close()
            client.close()

            for await code in group { #expect(code == .closed) }
        }
        #expect(await code { _ = try await server.receive() } == .closed)
    }

    @Test func `thousands of cancelled receives all return`() async throws {
        let server = try Socket.reply()

        for index in 0..<4000 {
            await withTaskGroup { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { _ = try await server.receive() }
                }
                // Sometimes before the operation starts, sometimes while it does, sometimes after.
                if index % 3 == 1 { await Task.yield() }
                if index % 3 == 2 { for _ in 0..<4 { await Task.yield() } }
                group.cancelAll()
            }
        }
    }

    @Test func `thousands of receives cancelled at once all return`() async throws {
        let server = try Socket.reply()
        // A socket of this kind lets one receive wait at a time, and each of its contexts one more.
        let contexts = try (0..<3000).map { _ in try Context(on: server) }

        let cancelled = await withTaskGroup { group in
            for context in contexts {
                group.addTask { () -> Bool in
                    do {
                        _ = try await context.receive()
                        return false
                    } catch {
                        return error is CancellationError
                    }
                }
            }
            group.cancelAll()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }

        #expect(cancelled == 3000)
    }

    @Test func `a socket that is dropped closes its connections`() async throws {
        let server = try RawServer(at: Transport.tcp.freeURL)
        var client: Socket? = try Socket.request()
        weak let observed = client
        try client?.dial(server.url)
        guard case .adding(let id) = try await server.events.next() else { throw Unexpected() }
        #expect(try await server.events.next() == .added(id))

        client = nil

        #expect(observed == nil)
        #expect(try await server.events.next() == .removed(id))
    }

    @Test func `many sockets are opened and dropped`() async throws {
        for _ in 0..<300 {
            let server = try Socket.rawReply()
            let raw = try RawReply(on: server)
            let client = try Socket.request()
            try client.dial(server.listen(at: Transport.inproc.freeURL).url)
            try await client.send([1])
            var batches = raw.makeAsyncIterator()
            #expect(await batches.next()?.first?.body == [1])
        }
    }
}

struct Unexpected: Error {}
