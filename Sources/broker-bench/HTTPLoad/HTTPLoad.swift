// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
import NIOHTTP1
import NIOPosix

/// A client of plain HTTP/1.1 that does as little as can be done, so that what is measured is the server.
struct HTTPLoad: Sendable {
    let port: Int
    let key: String

    /// What is asked for.
    struct Ask: Sendable {
        var method = HTTPMethod.GET
        let path: String
    }

    /// Times of requests one after the other over one connection, after a few that are not counted.
    ///
    /// - Parameters:
    ///   - path: what is asked for.
    ///   - count: how often.
    ///   - changes: what is asked for in turn before each request, and not counted, so that none finds all as it was.
    /// - Returns: the times of what is asked for.
    /// - Throws: `BenchError` for an answer that is not 200.
    func times(_ path: String, count: Int, after changes: [Ask]) async throws -> Sample {
        let warmUp = 10
        var times: [Duration] = []
        times.reserveCapacity(count + warmUp)
        let asks = changes.flatMap { [$0, Ask(path: path)] }
        try await exchange({ asks[$0 % asks.count] }) { number, time, _ in
            if number % 2 == 1 { times.append(time) }
            return times.count < count + warmUp
        }
        return Sample(Array(times.dropFirst(warmUp)))
    }

    /// How many requests a second are answered over some connections side by side.
    ///
    /// - Parameters:
    ///   - connections: how many.
    ///   - duration: for how long.
    ///   - path: what the n-th request of a connection asks for.
    /// - Returns: requests a second.
    /// - Throws: `BenchError` for an answer that is not 200.
    func rate(
        connections: Int,
        duration: Duration,
        _ path: @escaping @Sendable (Int) -> String
    ) async throws -> Double {
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for connection in 0..<connections {
                group.addTask {
                    let end = ContinuousClock.now + duration
                    var count = 0
                    // Each connection begins elsewhere, so that they ask for different things at the same time.
                    try await exchange({ Ask(path: path(connection * 1000 + $0)) }) { _, _, _ in
                        count += 1
                        return ContinuousClock.now < end
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / duration.inSeconds
    }

    /// The body of an answer.
    func body(_ path: String) async throws -> ByteBuffer {
        var body = ByteBuffer()
        try await exchange({ _ in Ask(path: path) }) { _, _, answer in
            body = answer
            return false
        }
        return body
    }

    private func request(_ ask: Ask) -> [HTTPClientRequestPart] {
        var head = HTTPRequestHead(
            version: .http1_1,
            method: ask.method,
            uri: ask.path,
            headers: ["Host": "127.0.0.1", "Authorization": "Bearer \(key)"]
        )
        if ask.method == .POST { head.headers.add(name: "Content-Length", value: "0") }
        return [.head(head), .end(nil)]
    }

    /// Asks, and asks again for as long as `goesOn` says so.
    ///
    /// - Parameters:
    ///   - ask: what the n-th request asks for.
    ///   - goesOn: told the number, the time and the body of each answer.
    /// - Throws: `BenchError` for an answer that is not 200.
    private func exchange(_ ask: (Int) -> Ask, goesOn: (Int, Duration, ByteBuffer) -> Bool) async throws {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            var body = ByteBuffer()
            var number = 0
            var start = ContinuousClock.now
            try await outbound.write(contentsOf: request(ask(0)))
            for try await part in inbound {
                switch part {
                case .head(let head):
                    guard head.status == .ok else {
                        throw BenchError("\(ask(number).path) was answered with \(head.status.code)")
                    }
                case .body(var part):
                    if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
                case .end:
                    guard goesOn(number, ContinuousClock.now - start, body) else { return }
                    number += 1
                    body = ByteBuffer()
                    let next = request(ask(number))
                    start = .now
                    try await outbound.write(contentsOf: next)
                }
            }
            throw BenchError("\(ask(number).path): the connection was closed")
        }
    }
}
