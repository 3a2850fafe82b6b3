// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
import NIOHTTP1
import NIOPosix

/// A client of plain HTTP/1.1 that does as little as can be done, so that what is measured is the server.
struct HTTPLoad: Sendable {
    let port: Int
    let key: String

    /// Times of requests one after the other over one connection, after a few that are not counted.
    func times(_ path: String, count: Int) async throws -> Sample {
        let warmUp = 10
        var times: [Duration] = []
        times.reserveCapacity(count + warmUp)
        try await exchange(path) { time, _ in
            times.append(time)
            return times.count < count + warmUp
        }
        return Sample(Array(times.dropFirst(warmUp)))
    }

    /// How many requests a second are answered over some connections side by side.
    func rate(_ path: String, connections: Int, duration: Duration) async throws -> Double {
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<connections {
                group.addTask {
                    let end = ContinuousClock.now + duration
                    var count = 0
                    try await exchange(path) { _, _ in
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
        try await exchange(path) { _, answer in
            body = answer
            return false
        }
        return body
    }

    /// Asks, and asks again for as long as `goesOn` says so; it is told the time and the body of each answer.
    private func exchange(_ path: String, goesOn: (Duration, ByteBuffer) -> Bool) async throws {
        let head = HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: path,
            headers: ["Host": "127.0.0.1", "Authorization": "Bearer \(key)"]
        )
        let request: [HTTPClientRequestPart] = [.head(head), .end(nil)]
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
            var start = ContinuousClock.now
            try await outbound.write(contentsOf: request)
            for try await part in inbound {
                switch part {
                case .head(let head):
                    guard head.status == .ok else { throw BenchError("\(path) was answered with \(head.status.code)") }
                case .body(var part):
                    if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
                case .end:
                    guard goesOn(ContinuousClock.now - start, body) else { return }
                    body = ByteBuffer()
                    start = .now
                    try await outbound.write(contentsOf: request)
                }
            }
            throw BenchError("\(path): the connection was closed")
        }
    }
}
