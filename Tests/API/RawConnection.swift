// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// A plain connection to a server, for what an HTTP client would not do.
struct RawConnection {
    private let channel: any Channel
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received = ""

    /// Connects, and closes when `body` is done.
    static func open<Value: Sendable>(
        port: Int,
        _ body: @Sendable (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // A server that has said its last word may still read.
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "localhost", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(
                channel: channel.channel,
                inbound: inbound.makeAsyncIterator(),
                outbound: outbound
            )
            return try await body(&connection)
        }
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Sends chunks of a body until the server takes no more, or `limit` is reached.
    ///
    /// - Returns: how many bytes were taken, here and on the way.
    func flood(upTo limit: Int) async -> Int {
        let chunk = ByteBuffer(string: "10000\r\n" + String(repeating: " ", count: 65_536) + "\r\n")
        var sent = 0
        while sent < limit {
            // The writer of `send` takes more than it has passed on.
            do { try await channel.writeAndFlush(chunk) } catch { break }
            sent += chunk.readableBytes
        }
        return sent
    }

    /// Waits until the server closes the connection for writing too.
    func isCutOff() async -> Bool {
        while true {
            do { try await channel.writeAndFlush(ByteBuffer(string: " ")) } catch { return true }
            do { try await Task.sleep(for: .milliseconds(10)) } catch { return false }
        }
    }

    /// What has come when it ends with `end`, or when the server has closed.
    mutating func receive(until end: String) async throws -> String {
        while !received.hasSuffix(end), let part = try await inbound.next(isolation: #isolation) {
            received += String(buffer: part)
        }
        defer { received = "" }
        return received
    }
}
