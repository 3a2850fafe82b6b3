// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
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
        let request = ByteBuffer(
            string: "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(key)\r\n\r\n"
        )
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            var answers = AnswerReader(path: path)
            var start = ContinuousClock.now
            try await outbound.write(request)
            for try await part in inbound {
                guard let body = try answers.add(part) else { continue }
                guard goesOn(ContinuousClock.now - start, body) else { return }
                start = .now
                try await outbound.write(request)
            }
            throw BenchError("\(path): the connection was closed")
        }
    }
}

/// Puts answers with a `Content-Length` together from their parts.
private struct AnswerReader {
    let path: String
    private var buffer = ByteBuffer()

    init(path: String) {
        self.path = path
    }

    /// Takes a part.
    ///
    /// - Returns: the body of the answer that is complete with it; nil where it is not.
    /// - Throws: `BenchError` for anything but 200.
    mutating func add(_ part: ByteBuffer) throws -> ByteBuffer? {
        var part = part
        if buffer.readableBytes == 0 { buffer = part } else { buffer.writeBuffer(&part) }
        guard let head else { return nil }
        guard let text = buffer.getString(at: buffer.readerIndex, length: head), text.hasPrefix("HTTP/1.1 200"),
            let length = contentLength(text)
        else { throw BenchError("\(path) was not answered with 200 and a length") }
        guard buffer.readableBytes >= head + length else { return nil }
        buffer.moveReaderIndex(forwardBy: head)
        return buffer.readSlice(length: length)
    }

    /// The bytes until after the empty line; nil where it has not come yet.
    private var head: Int? {
        let bytes = buffer.readableBytesView
        guard bytes.count >= 4 else { return nil }
        var index = bytes.startIndex + 3
        while index < bytes.endIndex {
            if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10 {
                return index - bytes.startIndex + 1
            }
            index += 1
        }
        return nil
    }

    private func contentLength(_ head: String) -> Int? {
        for line in head.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "content-length" {
                return Int(parts[1].filter { $0 != " " })
            }
        }
        return nil
    }
}
